//go:build unix

package main

// site is where the site pane starts once the demo is there.
const site = "Finance/"

// goTo goes to a folder in the pane with the focus.
func goTo(path, holds string) []step {
	return []step{press("g", "p"), wait("Go to a path"), press("ctrl+u"), typed(path), press("enter"), wait(holds)}
}

func scenario(parts ...any) []step {
	var out []step
	for _, p := range parts {
		switch p := p.(type) {
		case step:
			out = append(out, p)
		case []step:
			out = append(out, p...)
		}
	}
	return out
}

// scenes are the pictures of the README.
var scenes = []scene{
	{name: "login", w: 100, h: 26, steps: scenario(wait("log in to Files.com"))},
	{name: "files", args: []string{"demo"}, w: 120, h: 32, steps: scenario(
		wait(site), goTo("/Finance/2026", "budget.xlsx"),
		press("j", "j", "j", "j", "j", "j", "space", "space", "space", "j"),
		press("tab", "j", "space", "space", "tab"), wait("marked"),
	)},
	{name: "transfers", args: []string{"demo"}, w: 120, h: 32, live: true, steps: scenario(
		wait(site), goTo("/Finance/2026", "budget.xlsx"),
		press("c"), wait("queued for"),
		goTo("/Marketing", "Brand/"), press("c"),
		press("2"), wait("verified"), press("b"), wait("Limit all"), press("down", "down", "down", "down", "down", "enter"), wait("limit 50.0 MB/s"), press("1"),
		goTo("/Media/Stills", "still-0001.jpg"), press("space", "space", "space", "space", "space", "space", "space", "space", "c"),
		goTo("/Media/Edited", "episode-01.mp4"), press("c", "j", "j", "c", "j", "j", "space", "j", "j", "space", "c"),
		goTo("/Engineering", "builds/"), press("j", "c"),
		goTo("/Legal", "Contracts/"), press("c"),
		press("2"), gone("queued for|Downloaded|have ended"), wait(`(?s)[3-8]\d %.* MB/s`),
	)},
	{name: "sync", args: []string{"demo"}, w: 120, h: 32, steps: scenario(
		wait(site), goTo("/Finance/2026", "budget.xlsx"), press("tab"), goTo("~/work/2026", "notes.md"),
		press("="), wait("Compare and plan"), press("right", "right", "tab", "tab", "tab"), typed("Payroll, Receivables"),
		press("enter"), wait("compared just now"), press("j", "j", "j"), wait("close-checklist.md.*here"),
	)},
	{name: "users", args: []string{"demo"}, w: 120, h: 32, steps: scenario(
		wait(site), press("3"), wait("auditor-external"), press("j", "j", "space", "space", "j", "j"),
	)},
	{name: "automations", args: []string{"demo"}, w: 120, h: 32, steps: scenario(
		wait(site), press("4"), wait("Weekly close"), press("j", "j", "j"),
	)},
	{name: "error", site: true, w: 120, h: 32, steps: scenario(
		wait("Public/"), goTo("/Public", "price-list.pdf"), press("a"), wait("New folder in"), typed("reports"), press("enter"), wait("HTTP 403"),
	)},
	{name: "help", args: []string{"demo"}, w: 120, h: 32, steps: scenario(
		wait(site), press("?"), wait("help:"), typed("copy"),
	)},
}
