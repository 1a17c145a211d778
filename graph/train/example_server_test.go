package train_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/layers"
	"github.com/stheno-ml/stheno/graph/train"
)

// serve answers POST requests whose body is a sample, a JSON list of numbers, with a JSON object of what the model says of it. What is wrong with a request is its 400 and the reason.
func serve(p *train.Predictor) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /predict", func(w http.ResponseWriter, r *http.Request) {
		var x []float32
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&x); err != nil {
			http.Error(w, "got a body that is no list of numbers: "+err.Error(), http.StatusBadRequest)
			return
		}
		said, err := p.One(x)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string][]float32{"output": said}); err != nil {
			log.Print(err)
		}
	})
	return mux
}

// A web server over a model: any number of clients ask one Predictor at once.
func ExamplePredictor_server() {
	model, err := graph.NewModel(graph.Config{Input: graph.Floats(4), Seed: 1}, layers.Dense{Units: 3, Activation: layers.Softmax}) // or one of run.LoadModel
	if err != nil {
		log.Fatal(err)
	}
	predictor, err := train.NewPredictor(model)
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(serve(predictor)) // http.ListenAndServe(":8080", serve(predictor))
	defer server.Close()
	for _, body := range []string{"[0, 0, 0, 0]", "[1, 2, 3]", "seven"} {
		r, err := http.Post(server.URL+"/predict", "application/json", strings.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			log.Fatal(err)
		}
		r.Body.Close()
		fmt.Print(r.StatusCode, " ", string(text))
	}
	// Output:
	// 200 {"output":[0.33333334,0.33333334,0.33333334]}
	// 400 train: predictor: got 3 values, want 4 for a sample of shape (4)
	// 400 got a body that is no list of numbers: invalid character 's' looking for beginning of value
}

// TestServer: 200 clients at once, each with a sample of its own and every fourth with a wrong body, get what the model says of their sample alone.
func TestServer(t *testing.T) {
	m := model(t, graph.Config{Input: graph.Floats(2, 3), Seed: 1}, layers.Flatten{}, layers.Dense{Units: 16, Activation: layers.Tanh}, layers.Dense{Units: 3, Activation: layers.Softmax})
	p := predictor(t, m)
	server := httptest.NewServer(serve(p))
	defer server.Close()
	wrong := []string{"", "{", "[1,2,3,4,5]", "[1,2,3,4,5,6,7]", `["a",2,3,4,5,6]`, "null", "[1e99,2,3,4,5,6]", "[" + strings.Repeat("1,", 1<<20) + "1]"}
	var all sync.WaitGroup
	for client := range 200 {
		all.Go(func() {
			x := []float32{float32(client), 1, -2, 3, float32(client) / 7, .5}
			want, err := p.One(x)
			if err != nil {
				t.Error(err)
			}
			body, _ := json.Marshal(x)
			if client%4 == 3 {
				body = []byte(wrong[client/4%len(wrong)])
			}
			r, err := http.Post(server.URL+"/predict", "application/json", bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Body.Close()
			text, err := io.ReadAll(r.Body)
			if client%4 == 3 {
				if r.StatusCode != http.StatusBadRequest || len(text) < 20 || bytes.Count(text, []byte("\n")) != 1 {
					t.Errorf("%.40q: got status %d, %q, %v", body, r.StatusCode, text, err)
				}
				return
			}
			var got struct{ Output []float32 }
			if err := json.Unmarshal(text, &got); err != nil || r.StatusCode != http.StatusOK || fmt.Sprint(got.Output) != fmt.Sprint(want) {
				t.Errorf("client %d: got status %d, %s, want %v", client, r.StatusCode, text, want)
			}
		})
	}
	all.Wait()
	if r, err := http.Get(server.URL + "/predict"); err != nil || r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %v, %v", r, err)
	}
}
