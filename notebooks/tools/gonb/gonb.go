// Package gonb connects package show to GoNB, the Go kernel of the notebooks. A notebook imports it for that alone:
//
//	import _ "github.com/stheno-ml/stheno/notebooks/tools/gonb"
package gonb

import (
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/stheno-ml/stheno/notebooks/show"
)

func init() {
	if !gonbui.IsNotebook {
		return
	}
	show.Connect(func(mime, content, id string) {
		gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMEType(mime): content}, DisplayID: id})
		gonbui.Sync()
	})
}
