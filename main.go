// Recado is the messaging desk of a team: a desktop app, the same app in a browser, and the server behind both.
package main

import (
	_ "embed"
	"io/fs"
	"os"

	"recado/app/cli"
	"recado/frontend"
)

//go:embed build/appicon.png
var icon []byte

func main() {
	ui, err := fs.Sub(frontend.Dist, "dist")
	if err != nil {
		panic(err) // the folder is named in the embed directive
	}
	widget, err := fs.Sub(frontend.Widget, "widget/dist")
	if err != nil {
		panic(err) // as is this one
	}
	p := cli.Program{UI: ui, Widget: widget, Icon: icon, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	os.Exit(p.Main(os.Args[1:]))
}
