//go:build unix

package main

// scenes are the pictures of the README.
var scenes = []scene{
	{name: "login", w: 100, h: 28, steps: []step{wait("log in to Files.com")}},
}
