package keymap

var automations = []Binding{}
