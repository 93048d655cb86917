package keymap

var transfers = []Binding{}
