package theme

import (
	"fmt"
	"image/color"
)

// shades stand for brightness where there are no colours, darkest first.
const shades = " .:-=+*#%@"

// Pixel draws two points of a picture, one above the other, in one cell: as a
// half block in their colours, or by brightness in the plain theme and with
// ASCII glyphs.
func (t *Theme) Pixel(upper, lower color.Color) string {
	ur, ug, ub := rgb(upper)
	lr, lg, lb := rgb(lower)
	if t.Name == "plain" || t.Glyphs.Name == "ascii" {
		light := (299*(ur+lr) + 587*(ug+lg) + 114*(ub+lb)) / 2000
		return string(shades[light*(len(shades)-1)/255])
	}
	return fmt.Sprintf("\x1b[38;2;%d;%d;%d;48;2;%d;%d;%dm▀\x1b[m", ur, ug, ub, lr, lg, lb)
}

func rgb(c color.Color) (r, g, b int) {
	x, y, z, _ := c.RGBA()
	return int(x >> 8), int(y >> 8), int(z >> 8)
}
