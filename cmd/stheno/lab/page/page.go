// Package page is the lab's page: plain HTML, CSS and ES modules that a browser takes as they are. Nothing is built, nothing is fetched from elsewhere, and nothing in
// it needs inline scripts or style attributes: a content security policy of 'self' alone carries it. The Latin part of Inter (OFL) lies beside its licence.
//
// Each module of static/ has one subject. state.js holds what the server told, stream.js reads and asks it, frame.js lets nothing draw but once an animation frame and for a few
// milliseconds at most, i18n.js has every word that is shown; the others draw one part of the page each. What goes on moving while a run plays is drawn by painter.js, a worker, on canvases that
// easel.js hands to it; plot.js, columns.js and fall.js draw by a pen, so that the page and the pictures to take away have the same. What is not the page's own text reaches it by textContent only.
package page

import "embed"

// Files holds index.html and, under static/, what it names.
//
//go:embed index.html static
var Files embed.FS
