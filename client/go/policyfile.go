package fingerpost

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// read takes the last good policy; without a file there is none.
func (h *held) read() {
	octets, written, err := readRegular(h.file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		policy, wrong := h.engine.Open(octets, "")
		if _, err = h.whole(octets); wrong != nil {
			err = ofEngine(wrong)
		}
		if err == nil {
			h.policy.Store(policy)
			h.known.Store(&PolicyStatus{State: PolicyStale, Since: written.ModTime(), Version: policy.Version()})
			return
		}
	}
	h.log.Warn("the policy's file was not taken", "file", h.file, "error", err)
	h.become(PolicyNone, []string{fmt.Sprintf("%s was not taken: %v", h.file, err)}, false)
}

func readRegular(file string) ([]byte, fs.FileInfo, error) {
	opened, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0) // To open a FIFO waits for a writer otherwise.
	if err != nil {
		return nil, nil, err
	}
	defer opened.Close()
	about, err := opened.Stat()
	if err != nil {
		return nil, nil, err
	}
	if err := requireRegular(about); err != nil {
		return nil, nil, err
	}
	octets, err := io.ReadAll(io.LimitReader(opened, largestPolicy+1))
	if err == nil && len(octets) > largestPolicy {
		err = fmt.Errorf("it has more than %d octets", largestPolicy)
	}
	return octets, about, err
}

// write puts the octets beside the file and renames them, so that a reader finds the old one or the new one; for its owner alone.
func (h *held) write(octets []byte) error {
	real, err := filepath.EvalSymlinks(h.file) // A link stays one.
	if errors.Is(err, fs.ErrNotExist) {
		real, err = h.file, nil
	}
	if err != nil {
		return err
	}
	if about, err := os.Stat(real); err == nil {
		if err := requireRegular(about); err != nil {
			return err
		}
	}
	beside, err := os.CreateTemp(filepath.Dir(real), ".fingerpost.*")
	if err != nil {
		return err
	}
	_, err = beside.Write(octets)
	if err == nil {
		err = beside.Sync()
	}
	if closed := beside.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(beside.Name(), real)
	}
	if err != nil {
		_ = os.Remove(beside.Name())
	}
	return err
}

func requireRegular(about fs.FileInfo) error {
	switch {
	case about.Mode().IsRegular():
		return nil
	case about.IsDir():
		return errors.New("it is a directory")
	default:
		return errors.New("it is no regular file")
	}
}
