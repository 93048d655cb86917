package keymap

var users = []Binding{}
