package theme

const own = -1 // the terminal's own colour

// palettes use the sixteen colours that people have chosen for their terminal,
// and greys of the 256 only for the cursor bar and fields.
var palettes = []palette{
	{
		name: "dark", barFaint: 252,
		roles: [roles]look{
			Text: {fg: own, bg: own}, Faint: {fg: 245, bg: own}, Strong: {fg: own, bg: own, bold: true},
			Accent: {fg: 14, bg: own}, Good: {fg: 10, bg: own}, Warn: {fg: 11, bg: own}, Bad: {fg: 9, bg: own},
			Folder: {fg: 12, bg: own, bold: true}, Match: {fg: 14, bg: own, bold: true, underline: true},
			Border: {fg: 240, bg: own}, Focused: {fg: 14, bg: own}, Danger: {fg: 9, bg: own},
		},
		surfaces: [surfaces]look{
			Base: {fg: own, bg: own}, Bar: {fg: own, bg: 24}, BarDim: {fg: own, bg: 237},
			Field: {fg: own, bg: 236}, Selected: {fg: 0, bg: 14},
		},
	},
	{
		name: "light", barFaint: 238,
		roles: [roles]look{
			Text: {fg: own, bg: own}, Faint: {fg: 242, bg: own}, Strong: {fg: own, bg: own, bold: true},
			Accent: {fg: 25, bg: own}, Good: {fg: 28, bg: own}, Warn: {fg: 130, bg: own}, Bad: {fg: 124, bg: own},
			Folder: {fg: 25, bg: own, bold: true}, Match: {fg: 25, bg: own, bold: true, underline: true},
			Border: {fg: 248, bg: own}, Focused: {fg: 25, bg: own}, Danger: {fg: 124, bg: own},
		},
		surfaces: [surfaces]look{
			Base: {fg: own, bg: own}, Bar: {fg: own, bg: 153}, BarDim: {fg: own, bg: 253},
			Field: {fg: own, bg: 254}, Selected: {fg: 15, bg: 25},
		},
	},
	{
		name: "high-contrast",
		roles: [roles]look{
			Text: {fg: 15, bg: own}, Faint: {fg: 15, bg: own}, Strong: {fg: 15, bg: own, bold: true},
			Accent: {fg: 14, bg: own, bold: true}, Good: {fg: 10, bg: own, bold: true},
			Warn: {fg: 11, bg: own, bold: true}, Bad: {fg: 9, bg: own, bold: true},
			Folder: {fg: 15, bg: own, bold: true}, Match: {fg: 11, bg: own, bold: true, underline: true},
			Border: {fg: 15, bg: own}, Focused: {fg: 11, bg: own, bold: true}, Danger: {fg: 9, bg: own, bold: true},
		},
		surfaces: [surfaces]look{
			Base: {fg: own, bg: own}, Bar: {fg: 0, bg: 15, bold: true}, BarDim: {fg: own, bg: own, underline: true},
			Field: {fg: own, bg: own, underline: true}, Selected: {fg: 0, bg: 11, bold: true},
		},
	},
	{
		name: "plain",
		roles: [roles]look{
			Text: {fg: own, bg: own}, Faint: {fg: own, bg: own, faint: true}, Strong: {fg: own, bg: own, bold: true},
			Accent: {fg: own, bg: own, bold: true}, Good: {fg: own, bg: own}, Warn: {fg: own, bg: own},
			Bad: {fg: own, bg: own, bold: true}, Folder: {fg: own, bg: own, bold: true},
			Match: {fg: own, bg: own, underline: true}, Border: {fg: own, bg: own, faint: true},
			Focused: {fg: own, bg: own, bold: true}, Danger: {fg: own, bg: own, bold: true},
		},
		surfaces: [surfaces]look{
			Base: {fg: own, bg: own}, Bar: {fg: own, bg: own, reverse: true}, BarDim: {fg: own, bg: own, underline: true},
			Field: {fg: own, bg: own, underline: true}, Selected: {fg: own, bg: own, reverse: true},
		},
	},
}
