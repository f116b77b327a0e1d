package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	coreconfig "github.com/siderolabs/talos/pkg/machinery/config"
)

// How a Talos node on metal fetches its config and what it makes of the body;
// shared by the subcommands node and guest.

const (
	cycle          = 3 * time.Hour
	attemptTimeout = 3 * time.Minute
	bodyShown      = 32       // bytes of an error body that reach the console
	bodyMax        = 16 << 20 // a bound of ours: Talos has none
)

type attempt struct {
	Status int    `json:"status"`          // 0: no HTTP answer
	Body   string `json:"body,omitempty"`  // the bytes a console would show
	Error  string `json:"error,omitempty"` // what went wrong below HTTP, without the URL
	TLS    string `json:"tls,omitempty"`
}

// A fetcher repeats a GET on Talos' schedule. tried hears of each attempt, opened
// of each 200 before its body is read; either may be nil.
type fetcher struct {
	client      *http.Client
	scale       float64       // multiplies every wait
	maxAttempts int           // 0: no limit but the cycle
	minimum     time.Duration // an attempt's scaled limit is never below this
	tried       func(n int, tried attempt)
	opened      func(response *http.Response)
}

var errPartial = errors.New("no v1alpha1 document: maintenance mode")

// acceptBody does what machined does with a downloaded body: unpack, strict
// decode, validation.
func acceptBody(body []byte) ([]byte, coreconfig.Provider, error) {
	text, err := unpack(body)
	if err != nil {
		return nil, nil, err
	}
	provider, _, err := check(text, false)
	if err != nil {
		return nil, nil, err
	}
	if !provider.CompleteForBoot() {
		return text, provider, errPartial
	}
	return text, provider, nil
}

func unpack(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(reader, bodyMax))
}

// addRoots adds the certificates of a PEM file.
func addRoots(pool *x509.CertPool, file string) error {
	pem, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no certificate in '%s'", file)
	}
	return nil
}

// newClient is Talos' transport: roots from one bundle, no client certificate,
// no keep-alive, TLS 1.2 at least, HTTP/2 offered.
func newClient(roots *x509.CertPool) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		DisableKeepAlives:   true,
		ForceAttemptHTTP2:   true,
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
}

var variable = regexp.MustCompile(`\$\{[A-Za-z]+\}`)

// populate fills ${uuid}, ${serial} and ${mac} inside query values, and an empty
// uuid=, as Talos does. A URL with nothing to fill is used byte for byte; one
// that was filled has its query sorted by key.
func populate(text string, values map[string]string) (string, error) {
	target, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	if target.Scheme != "https" && target.Scheme != "http" {
		return "", fmt.Errorf("scheme of '%s' is not http or https", text)
	}
	query := target.Query()
	filled := false
	for key, list := range query {
		for i, value := range list {
			if key == "uuid" && value == "" && values["uuid"] != "" {
				list[i] = values["uuid"]
				filled = true
				continue
			}
			list[i] = variable.ReplaceAllStringFunc(value, func(name string) string {
				known, found := values[strings.ToLower(name[2:len(name)-1])]
				if !found || known == "" {
					return name
				}
				filled = true
				return known
			})
		}
	}
	if !filled {
		return text, nil
	}
	target.RawQuery = query.Encode()
	return target.String(), nil
}

func scaled(d time.Duration, scale float64) time.Duration {
	return time.Duration(float64(d) * scale)
}

// pause is the wait before attempt number n, counted from 1, without jitter.
func pause(n int) time.Duration {
	if n < 2 {
		return 0
	}
	return time.Duration((int64(1)<<(n-1)-1)/2) * time.Second
}

// withRetry tries until 200 or 204; everything else is repeated on Talos'
// schedule. An empty result stands for "config not found".
func (f *fetcher) withRetry(target string) ([]byte, error) {
	end := time.Now().Add(scaled(cycle, f.scale))
	limit := max(scaled(attemptTimeout, f.scale), f.minimum)
	for n := 1; ; n++ {
		wait := pause(n)
		if n > 1 {
			wait += time.Duration(rand.Int64N(int64(time.Second)))
		}
		wait = scaled(wait, f.scale)
		if time.Now().Add(wait).After(end) {
			return nil, fmt.Errorf("timeout after %d attempts", n-1)
		}
		time.Sleep(wait)
		body, done, tried := f.once(target, limit)
		if f.tried != nil {
			f.tried(n, tried)
		}
		if done {
			return body, nil
		}
		if f.maxAttempts > 0 && n >= f.maxAttempts {
			return nil, fmt.Errorf("%d attempts failed, the last one with %s", n, describe(tried))
		}
	}
}

// cause is what went wrong without the URL, which holds a secret.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

func describe(a attempt) string {
	if a.Error != "" {
		return a.Error
	}
	if a.Status == http.StatusOK || a.Status == http.StatusNoContent {
		return fmt.Sprintf("status %d", a.Status)
	}
	return fmt.Sprintf("status %d: %q", a.Status, a.Body)
}

// once makes one attempt; done says that it is not to be repeated.
func (f *fetcher) once(target string, limit time.Duration) (body []byte, done bool, tried attempt) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		tried.Error = err.Error()
		return nil, false, tried
	}
	response, err := f.client.Do(request)
	if err != nil {
		tried.Error = cause(err).Error()
		return nil, false, tried
	}
	defer response.Body.Close() //nolint:errcheck // read to the end below
	tried.Status = response.StatusCode
	if response.TLS != nil {
		tried.TLS = tls.VersionName(response.TLS.Version)
	}
	if response.StatusCode == http.StatusNoContent {
		return nil, true, tried
	}
	if response.StatusCode != http.StatusOK {
		shown, err := io.ReadAll(io.LimitReader(response.Body, bodyShown))
		if err != nil {
			tried.Error = err.Error()
		}
		tried.Body = string(shown)
		return nil, false, tried
	}
	if f.opened != nil {
		f.opened(response)
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, bodyMax+1))
	if err != nil {
		tried.Error = err.Error()
		return nil, false, tried
	}
	if len(body) > bodyMax {
		tried.Error = fmt.Sprintf("body is longer than %d bytes", bodyMax)
		return nil, false, tried
	}
	return body, true, tried
}
