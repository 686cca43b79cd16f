// Package frontend holds the built window: HTML, scripts and styles as files of the program.
package frontend

import "embed"

// Dist is the built frontend under "dist/". A checkout in which the frontend has not been built holds
// only a placeholder there, so that the program compiles; it then has no "dist/index.html".
//
//go:embed all:dist
var Dist embed.FS

// Widget holds the live chat for customers' web sites under "widget/dist/", in the same way.
//
//go:embed all:widget/dist
var Widget embed.FS
