package keymap

var resources = []Binding{}
