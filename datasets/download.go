package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// remoteFile is a published file: what it must weigh and hash to, whoever serves it.
type remoteFile struct {
	name   string
	size   int64
	sha256 string
}

// downloader brings published files to disk. Nothing but HTTPS is spoken, redirects included.
type downloader struct {
	client *http.Client
	stall  time.Duration // without a byte for so long, a mirror is given up
	window time.Duration // so is one that gives fewer bytes than least in so long
	least  int64
	now    func() time.Time
}

func newDownloader(transport http.RoundTripper) *downloader {
	return &downloader{
		client: &http.Client{
			Transport: transport,
			CheckRedirect: func(req *http.Request, via []*http.Request) error {
				if len(via) > 5 {
					return errors.New("too many redirects")
				}
				return onlyHTTPS(req.URL.Scheme)
			},
		},
		stall: 30 * time.Second, window: time.Minute, least: 60 << 10, now: time.Now, // a seventh of what a modem brought
	}
}

func onlyHTTPS(scheme string) error {
	if scheme != "https" {
		return fmt.Errorf("refused: the address is %s, want https", scheme)
	}
	return nil
}

// file makes sure that path holds the file, from the first of the mirrors that serves it. It works on path+".part", which
// stays when a download breaks off: the next mirror, or the next call, goes on where it ended. Two processes may work on it
// at once, since they write the same bytes to the same places. Only a file of the right checksum gets its name. progress is
// told how many of the file's bytes are here.
func (d *downloader) file(ctx context.Context, mirrors []string, file remoteFile, path string, progress func(int64)) error {
	if file.isAt(path) {
		progress(file.size)
		return nil
	}
	var failures []string
	for _, mirror := range mirrors {
		err := d.attempt(ctx, mirror+file.name, file, path, progress)
		if err == nil || file.isAt(path) { // the latter where another process was quicker
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s: download stopped; what is here is kept, and the next fetch goes on from there: %w", file.name, context.Cause(ctx))
		}
		failures = append(failures, err.Error())
	}
	return fmt.Errorf("%s: no mirror gave it: %s; try again later: what arrived is kept", file.name, strings.Join(failures, "; "))
}

// attempt completes the part file from one address, checks it and gives it its name.
func (d *downloader) attempt(ctx context.Context, url string, file remoteFile, path string, progress func(int64)) (err error) {
	part, err := os.OpenFile(path+".part", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		info, statErr := part.Stat()
		part.Close()
		if err != nil && statErr == nil && info.Size() == 0 {
			os.Remove(part.Name())
		}
	}()
	for {
		have, err := part.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		if have > file.size {
			if err := part.Truncate(0); err != nil {
				return err
			}
			have = 0
		}
		if have < file.size {
			if have, err = d.get(ctx, url, file, part, have, progress); err != nil {
				return fmt.Errorf("%s: %w", url, err)
			}
		}
		if err = file.check(part); err == nil {
			break
		}
		if err := part.Truncate(0); err != nil {
			return err
		}
		if have == 0 {
			return fmt.Errorf("%s: %w; refused and removed", url, err)
		}
		// The bytes kept from before may be the bad ones: once more, from the start.
	}
	progress(file.size)
	if err := part.Sync(); err != nil {
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// get writes to part, whose first bytes are here, what url still has to give. It returns where it began: at have, or at 0
// when the server does not resume.
func (d *downloader) get(ctx context.Context, url string, file remoteFile, part *os.File, have int64, progress func(int64)) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(d.stall, func() { cancel(fmt.Errorf("no data for %v", d.stall)) })
	defer watch.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return have, err
	}
	if err := onlyHTTPS(req.URL.Scheme); err != nil {
		return have, err
	}
	req.Header.Set("Accept-Encoding", "identity") // the sums are of the gzipped files: nobody may unpack them on the way
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := d.client.Do(req)
	if err != nil {
		if wrapped := new(neturl.Error); errors.As(err, &wrapped) { // the address is said already
			err = wrapped.Err
		}
		return have, cause(ctx, err)
	}
	defer resp.Body.Close()
	switch got := resp.Header.Get("Content-Range"); {
	case resp.StatusCode == http.StatusOK:
		have = 0
	case resp.StatusCode != http.StatusPartialContent:
		return have, fmt.Errorf("the server answers %q", resp.Status)
	case !strings.HasPrefix(got, fmt.Sprintf("bytes %d-", have)):
		return have, fmt.Errorf("the server sends range %q, want it from byte %d", got, have)
	}
	if n := resp.ContentLength; n >= 0 && have+n != file.size {
		return have, fmt.Errorf("the server has a file of %d bytes, want %d; refused", have+n, file.size)
	}
	start := have
	body := io.LimitReader(resp.Body, file.size-have+1)
	buf := make([]byte, 1<<16)
	since, brought := d.now(), int64(0)
	for {
		progress(have)
		n, err := body.Read(buf)
		watch.Reset(d.stall)
		brought += int64(n)
		if have += int64(n); have > file.size {
			part.Truncate(0)
			return start, fmt.Errorf("the server sends more than the file's %d bytes; refused and removed", file.size)
		}
		if _, err := part.WriteAt(buf[:n], have-int64(n)); err != nil {
			return start, err
		}
		if now := d.now(); now.Sub(since) >= d.window {
			if err == nil && brought < d.least {
				return start, fmt.Errorf("brought %d bytes in %v, want at least %d: too slow, given up at byte %d of %d", brought, now.Sub(since).Round(time.Second), d.least, have, file.size)
			}
			since, brought = now, 0
		}
		switch {
		case err == nil:
		case err != io.EOF:
			return start, fmt.Errorf("broke off at byte %d of %d: %w", have, file.size, cause(ctx, err))
		case have < file.size:
			return start, fmt.Errorf("ended at byte %d of %d", have, file.size)
		default:
			return start, nil
		}
	}
}

// cause is why the context ended, if that is what err says.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// isAt reports whether the file is at path, whole and right.
func (file remoteFile) isAt(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return file.check(f) == nil
}

// check compares size and SHA-256.
func (file remoteFile) check(f *os.File) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, file.size+1))
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); n != file.size || got != file.sha256 {
		return fmt.Errorf("wrong content: got SHA-256 %s, want %s", got, file.sha256)
	}
	return nil
}

// syncDir makes a rename last through a power cut. Windows cannot sync a folder, and need not.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
