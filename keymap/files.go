package keymap

var files = []Binding{}
