package keymap

var activity = []Binding{}
