package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/cmd/stheno/lab/look"
	"github.com/stheno-ml/stheno/cmd/stheno/lab/session"
)

// mostAsked is the most bytes of what a page asks: a picture to be recognised is the largest.
const mostAsked = 16 << 20

// api has pages steer and look: what changes something is a POST of JSON, what only looks a GET.
func (s *Server) api(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/do", func(w http.ResponseWriter, r *http.Request) { s.command(w, r, "") })
	for _, do := range []string{"predict", "continue"} {
		mux.HandleFunc("POST /api/"+do, func(w http.ResponseWriter, r *http.Request) { s.command(w, r, do) })
	}
	for _, do := range []string{"layer", "layers", "apart", "sample", "wrong", "read", "judged", "command", "go", "report", "model", "folder"} {
		mux.HandleFunc("GET /api/"+do, func(w http.ResponseWriter, r *http.Request) {
			c, err := asked(r.URL.Query())
			if c.Do = do; err != nil {
				refuse(w, http.StatusBadRequest, err)
				return
			}
			s.do(w, r, c, false)
		})
	}
	mux.HandleFunc("POST /api/upload", s.upload)
	mux.HandleFunc("POST /api/open", s.open)
	mux.HandleFunc("GET /api/words", func(w http.ResponseWriter, _ *http.Request) { answer(w, look.AllWords()) })
}

// asked is what the query of a look says.
func asked(query url.Values) (c session.Command, err error) {
	for name, values := range query {
		if len(values) > 1 {
			return c, fmt.Errorf("got %.50q several times, want it once", name)
		}
		switch value := values[0]; name {
		case "run":
			c.Run = value
		case "layer":
			c.Layer = value
		case "set":
			c.Set = value
		case "i":
			if c.Sample, err = strconv.Atoi(value); err != nil {
				return c, fmt.Errorf("got i=%.50q, want the number of a sample", value)
			}
		default:
			return c, fmt.Errorf("got %.50q, want run, layer, set or i", name)
		}
	}
	return c, nil
}

// command reads a command and carries it out. What do says is what it is; "" leaves it to the command.
func (s *Server) command(w http.ResponseWriter, r *http.Request, do string) {
	var c session.Command
	if status, err := s.read(w, r, &c); err != nil {
		refuse(w, status, err)
		return
	}
	if do != "" {
		c.Do = do
	}
	s.do(w, r, c, do == "")
}

// read reads a body of JSON, one value and nothing besides.
func (s *Server) read(w http.ResponseWriter, r *http.Request, into any) (status int, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return http.StatusUnsupportedMediaType, fmt.Errorf("got the content type %.50q, want application/json", r.Header.Get("Content-Type"))
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostAsked))
	d.DisallowUnknownFields()
	err = d.Decode(into)
	if err == nil {
		if _, err = d.Token(); err == nil {
			err = errors.New("something follows after it")
		} else if errors.Is(err, io.EOF) {
			return 0, nil
		}
	}
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, fmt.Errorf("got more than %d MB, which is the most that is taken at once", large.Limit>>20)
	}
	if kind := new(json.UnmarshalTypeError); errors.As(err, &kind) && kind.Field != "" {
		want := "another kind of value"
		switch k := kind.Type.Kind(); {
		case k >= reflect.Int && k <= reflect.Int64:
			want = "a whole number"
		case k >= reflect.Uint && k <= reflect.Uint64:
			want = "a whole number of at least 0"
		case k == reflect.Float32 || k == reflect.Float64:
			want = "a finite number, such as 0.05"
		case k == reflect.String:
			want = "a text"
		}
		return http.StatusBadRequest, fmt.Errorf("%s: got a %s, want %s", strings.TrimPrefix(kind.Field, "change."), kind.Value, want)
	}
	return http.StatusBadRequest, fmt.Errorf("got what is no command in JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// do has the session carry a command out, and answers with what it says; ok is put before it where it only says that it was done. It says whether it was.
func (s *Server) do(w http.ResponseWriter, r *http.Request, c session.Command, ok bool) (done bool) {
	runs := s.session.Load()
	if runs == nil {
		refuse(w, http.StatusServiceUnavailable, errors.New("the lab gets ready: wait a moment"))
		return false
	}
	said, err := (*runs).Do(r.Context(), c)
	if gone := session.Gone(""); errors.As(err, &gone) {
		refuse(w, http.StatusGone, err)
		return false
	}
	if over := session.Over(""); errors.As(err, &over) { // no status of an error, which browsers write on the page's console: a key may be pressed at a run's end
		write(w, http.StatusOK, "application/json", refusal(err))
		return false
	}
	if errors.Is(err, session.ErrStopped) {
		refuse(w, http.StatusConflict, err)
		return false
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return false
	}
	switch said := said.(type) {
	case session.File:
		write(w, http.StatusOK, said.Type, said.Content)
	default:
		text, err := json.Marshal(said)
		if err == nil && ok {
			text = slices.Concat([]byte(`{"ok":true`), after(text))
		}
		if err != nil {
			refuse(w, http.StatusInternalServerError, fmt.Errorf("what was asked for cannot be written: %w", err))
			return true
		}
		write(w, http.StatusOK, "application/json", text)
	}
	return true
}

// after is what follows after the first field of an object that has those of another in front of its own.
func after(object []byte) []byte {
	if len(object) > 2 && object[0] == '{' {
		return slices.Concat([]byte(","), object[1:])
	}
	return []byte("}")
}

// upload takes data of one's own, and begins a run on them, or only says how they are read where the page wants to look.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	if s.session.Load() == nil {
		refuse(w, http.StatusServiceUnavailable, errors.New("the lab gets ready: wait a moment"))
		return
	}
	r.Body = http.MaxBytesReader(w, &steady{r.Body, http.NewResponseController(w), s.patience, time.Now().Add(uploadTime)}, mostUpload+1<<16)
	up, err := s.uploads.take(r)
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Errorf("got more than %d MB, which is the most that is taken: start the lab with the data as its argument", mostUpload>>20))
		return
	}
	if errors.Is(err, errFull) {
		refuse(w, http.StatusInsufficientStorage, err)
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if !up.look {
		if !s.do(w, r, session.Command{Do: "open", Path: up.path, Brought: up.brought, Target: up.target}, true) && r.Context().Err() == nil { // of who went away it may be open
			s.uploads.forget(up.number)
		}
		return
	}
	is, err := s.uploads.describe(up.path)
	if err != nil {
		s.uploads.forget(up.number)
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, struct {
		Upload string `json:"upload"`
		*session.Description
	}{up.number, is})
}

// open begins a run on what was uploaded before.
func (s *Server) open(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Upload string `json:"upload"`
		Target string `json:"target"`
	}
	status, err := s.read(w, r, &asked)
	var up stored
	if err == nil {
		status = http.StatusBadRequest
		up, err = s.uploads.open(asked.Upload)
	}
	if err != nil {
		refuse(w, status, err)
		return
	}
	defer s.uploads.close(asked.Upload)
	s.do(w, r, session.Command{Do: "open", Path: up.path, Brought: up.brought, Target: asked.Target}, true)
}

// steady is a body that may take long to come, if it does not stop coming.
type steady struct {
	io.ReadCloser
	control  *http.ResponseController
	patience time.Duration
	end      time.Time
}

func (s *steady) Read(p []byte) (int, error) {
	next := time.Now().Add(s.patience)
	if next.After(s.end) {
		next = s.end
	}
	_ = s.control.SetReadDeadline(next)
	return s.ReadCloser.Read(p)
}

// answer answers with a value, as JSON.
func answer(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		refuse(w, http.StatusInternalServerError, fmt.Errorf("what was asked for cannot be written: %w", err))
		return
	}
	write(w, http.StatusOK, "application/json", text)
}

// refuse answers with what is wrong, in words.
func refuse(w http.ResponseWriter, status int, err error) {
	write(w, status, "application/json", refusal(err))
}

func refusal(err error) []byte {
	text, _ := json.Marshal(struct {
		Error string    `json:"error"`
		Said  look.Text `json:"said"`
	}{err.Error(), look.Said(err.Error())})
	return text
}

// write answers.
func write(w http.ResponseWriter, status int, kind string, text []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(uploadTime))
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
