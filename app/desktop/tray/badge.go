package tray

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// side of the icon in pixels: panels make it smaller, and it stays clear where they show it at 200 %.
const side = 64

// badge is what stands on the icon.
type badge struct {
	text   string // empty: no badge
	fill   color.NRGBA
	paused bool // the icon itself is pale
}

var (
	unseenFill  = color.NRGBA{0xc2, 0x41, 0x0c, 0xff}
	mentionFill = color.NRGBA{0xb9, 0x1c, 0x1c, 0xff}
)

// badgeOf tells what a state looks like: a number of conversations, or @ where one mentions the person, which is told by
// the sign and not by the colour alone.
func badgeOf(s State) badge {
	b := badge{paused: !s.PausedUntil.IsZero()}
	switch {
	case !s.SignedIn || s.Unseen <= 0:
		return b
	case s.Mentions > 0:
		b.text, b.fill = "@", mentionFill
	case s.Unseen > 9:
		b.text, b.fill = "9+", unseenFill
	default:
		b.text, b.fill = fmt.Sprint(s.Unseen), unseenFill
	}
	return b
}

// artist draws icons from one picture, which it makes small once.
type artist struct{ base *image.NRGBA }

func newArtist(icon []byte) (*artist, error) {
	decoded, err := png.Decode(bytes.NewReader(icon))
	if err != nil {
		return nil, fmt.Errorf("the tray's icon: %w", err)
	}
	return &artist{base: shrink(decoded)}, nil
}

// shrink makes a picture side pixels wide and high, each the mean of those it stands for.
func shrink(from image.Image) *image.NRGBA {
	to, b := image.NewNRGBA(image.Rect(0, 0, side, side)), from.Bounds()
	for y := range side {
		for x := range side {
			area := image.Rect(b.Min.X+x*b.Dx()/side, b.Min.Y+y*b.Dy()/side,
				b.Min.X+max(x*b.Dx()/side+1, (x+1)*b.Dx()/side), b.Min.Y+max(y*b.Dy()/side+1, (y+1)*b.Dy()/side))
			to.Set(x, y, mean(from, area))
		}
	}
	return to
}

func mean(from image.Image, area image.Rectangle) color.Color {
	var r, g, b, a, n uint64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			cr, cg, cb, ca := from.At(x, y).RGBA()
			r, g, b, a, n = r+uint64(cr), g+uint64(cg), b+uint64(cb), a+uint64(ca), n+1
		}
	}
	return color.RGBA64{uint16(r / n), uint16(g / n), uint16(b / n), uint16(a / n)}
}

// The badge lies in the lower right corner, in parts of the icon's side.
const (
	centre = 0.655
	radius = 0.345
	ring   = 0.045 // of white around it, which sets it off from the icon and from any panel
)

// fine is how many samples are taken along the side of a pixel.
const fine = 4

// draw gives the icon with a badge.
func (a *artist) draw(b badge) *image.NRGBA {
	icon := image.NewNRGBA(a.base.Bounds())
	copy(icon.Pix, a.base.Pix)
	if b.paused {
		for i := 3; i < len(icon.Pix); i += 4 {
			icon.Pix[i] /= 2
		}
	}
	if b.text == "" {
		return icon
	}
	ink := write(b.text)
	for y := range side {
		for x := range side {
			icon.SetNRGBA(x, y, sample(icon.NRGBAAt(x, y), x, y, b.fill, ink))
		}
	}
	return icon
}

// sample lays the badge over one pixel.
func sample(under color.NRGBA, px, py int, fill color.NRGBA, ink func(x, y float64) bool) color.NRGBA {
	var r, g, b, a int
	for i := range fine * fine {
		x := (float64(px) + (float64(i%fine)+0.5)/fine) / side
		y := (float64(py) + (float64(i/fine)+0.5)/fine) / side
		c, dx, dy := under, x-centre, y-centre
		switch d := dx*dx + dy*dy; {
		case d > radius*radius:
		case d > (radius-ring)*(radius-ring) || ink(x, y):
			c = color.NRGBA{0xff, 0xff, 0xff, 0xff}
		default:
			c = fill
		}
		r, g, b, a = r+int(c.R)*int(c.A), g+int(c.G)*int(c.A), b+int(c.B)*int(c.A), a+int(c.A)
	}
	if a == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{uint8(r / a), uint8(g / a), uint8(b / a), uint8(a / (fine * fine))}
}

// glyphs are the signs a badge can carry, five by seven.
var glyphs = map[rune][7]string{
	'1': {"..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."},
	'2': {".###.", "#...#", "....#", "...#.", "..#..", ".#...", "#####"},
	'3': {".###.", "#...#", "....#", "..##.", "....#", "#...#", ".###."},
	'4': {"...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."},
	'5': {"#####", "#....", "####.", "....#", "....#", "#...#", ".###."},
	'6': {".###.", "#....", "#....", "####.", "#...#", "#...#", ".###."},
	'7': {"#####", "....#", "...#.", "..#..", "..#..", ".#...", ".#..."},
	'8': {".###.", "#...#", "#...#", ".###.", "#...#", "#...#", ".###."},
	'9': {".###.", "#...#", "#...#", ".####", "....#", "....#", ".###."},
	'+': {".....", "..#..", "..#..", "#####", "..#..", "..#..", "....."},
	'@': {".###.", "#...#", "#.###", "#.#.#", "#.###", "#....", ".###."},
}

// write tells where the signs of a text are inked, in parts of the icon's side.
func write(text string) func(x, y float64) bool {
	runes := []rune(text)
	columns := 6*len(runes) - 1
	cell := 0.058
	if len(runes) > 1 {
		cell = 0.045
	}
	left, top := centre-cell*float64(columns)/2, centre-cell*7/2
	return func(x, y float64) bool {
		column, row := int((x-left)/cell), int((y-top)/cell)
		if x < left || y < top || column >= columns || row >= 7 || column%6 == 5 {
			return false
		}
		return glyphs[runes[column/6]][row][column%6] == '#'
	}
}

// asPNG is a picture as Linux and macOS take it.
func asPNG(icon *image.NRGBA) []byte {
	var out bytes.Buffer
	png.Encode(&out, icon) // into memory; a picture of this size can't be refused
	return out.Bytes()
}

// asICO is a picture as Windows takes it: one bitmap of 32 bits, bottom up, with an empty mask.
func asICO(icon *image.NRGBA) []byte {
	w, h := icon.Bounds().Dx(), icon.Bounds().Dy()
	const header, entry, info = 6, 16, 40
	mask := (w + 31) / 32 * 4 * h
	size := info + w*h*4 + mask
	out := make([]byte, 0, header+entry+size)
	le := binary.LittleEndian
	for _, v := range []uint16{0, 1, 1} { // an icon, with one picture
		out = le.AppendUint16(out, v)
	}
	out = append(out, byte(w), byte(h), 0, 0, 1, 0, 32, 0)
	out = le.AppendUint32(out, uint32(size))
	out = le.AppendUint32(out, header+entry)
	for _, v := range []uint32{info, uint32(w), uint32(2 * h), 1 | 32<<16, 0, uint32(w*h*4 + mask), 0, 0, 0, 0} {
		out = le.AppendUint32(out, v)
	}
	for y := h - 1; y >= 0; y-- {
		for x := range w {
			c := icon.NRGBAAt(x, y)
			out = append(out, c.B, c.G, c.R, c.A)
		}
	}
	return append(out, make([]byte, mask)...)
}
