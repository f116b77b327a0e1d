package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Exit status of `talos-oracle node`; the same word is "outcome" in the report
// on standard output.
const (
	exitGaveUp   = 3 // gave-up: no 200 within the attempts or the cycle
	exitNoConfig = 4 // no-config: 204, or 200 with an empty body
	exitInvalid  = 5 // invalid: the library refuses the body
	exitPartial  = 6 // partial: no v1alpha1 document; Talos would open maintenance mode
)

const (
	cycle          = 3 * time.Hour
	attemptTimeout = 3 * time.Minute
	bodyShown      = 32       // bytes of an error body that reach the console
	bodyMax        = 16 << 20 // a bound of ours: Talos has none
)

type attempt struct {
	Status int    `json:"status"`          // 0: no HTTP answer
	Body   string `json:"body,omitempty"`  // the bytes a console would show
	Error  string `json:"error,omitempty"` // what went wrong below HTTP
	TLS    string `json:"tls,omitempty"`
}

type report struct {
	Outcome  string    `json:"outcome"`
	URL      string    `json:"url"` // as requested, variables filled in
	Attempts []attempt `json:"attempts"`
	Bytes    int       `json:"bytes"`
	SHA256   string    `json:"sha256,omitempty"`
	Message  string    `json:"message,omitempty"`
}

type nodeOptions struct {
	url, ca, out         string
	variables            map[string]string
	scale                float64
	maxAttempts          int
	minimumAttemptLength time.Duration
}

// node fetches a machine config as a Talos node on metal does and ends with the
// checks the node would make. It prints a report as JSON on standard output
// and one line per attempt on standard error.
func node(args []string) error {
	var o nodeOptions
	flags := newFlags("node")
	flags.StringVar(&o.url, "url", "", "value of talos.config= on the kernel command line")
	flags.StringVar(&o.ca, "ca", "", "PEM file of the roots the image trusts")
	flags.StringVar(&o.out, "out", "", "write the accepted config here, mode 0600")
	uuid := flags.String("uuid", "", "SMBIOS UUID")
	serial := flags.String("serial", "", "SMBIOS serial")
	mac := flags.String("mac", "", "address of the first NIC")
	flags.Float64Var(&o.scale, "time-scale", 1, "multiply every wait by this")
	flags.IntVar(&o.maxAttempts, "max-attempts", 0, "give up after this many (0: the 3 h alone)")
	flags.DurationVar(&o.minimumAttemptLength, "min-attempt", 10*time.Second,
		"an attempt's scaled time limit is never below this")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	o.variables = map[string]string{"uuid": strings.ToLower(*uuid), "serial": *serial, "mac": *mac}

	result := report{Attempts: []attempt{}}
	status, err := boot(&o, &result)
	if err != nil {
		result.Message = err.Error()
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if encodeErr := out.Encode(result); encodeErr != nil {
		return encodeErr
	}
	if err != nil {
		return &exitError{status, err}
	}
	return nil
}

func boot(o *nodeOptions, result *report) (int, error) {
	client, err := newClient(o.ca)
	if err != nil {
		result.Outcome = "usage"
		return exitUsage, err
	}
	result.URL, err = populate(o.url, o.variables)
	if err != nil {
		result.Outcome = "usage"
		return exitUsage, err
	}
	body, err := fetchWithRetry(client, o, result)
	if err != nil {
		result.Outcome = "gave-up"
		return exitGaveUp, err
	}
	if len(body) == 0 {
		result.Outcome = "no-config"
		return exitNoConfig, errors.New("config not found")
	}
	result.Bytes = len(body)
	sum := sha256.Sum256(body)
	result.SHA256 = hex.EncodeToString(sum[:])
	return accept(body, o.out, result)
}

// accept does what machined does with a downloaded body: unpack, strict decode,
// validation. Only a config that passed is written.
func accept(body []byte, out string, result *report) (int, error) {
	text, err := unpack(body)
	if err != nil {
		result.Outcome = "invalid"
		return exitInvalid, err
	}
	provider, _, err := check(text, false)
	if err != nil {
		result.Outcome = "invalid"
		return exitInvalid, err
	}
	if !provider.CompleteForBoot() {
		result.Outcome = "partial"
		return exitPartial, errors.New("no v1alpha1 document: maintenance mode")
	}
	if out != "" {
		if err := writePrivate(out, text); err != nil {
			result.Outcome = "usage"
			return exitUsage, err
		}
	}
	result.Outcome = "accepted"
	return 0, nil
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

// writePrivate replaces path; the file is never readable by others.
func writePrivate(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".config-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // gone after the rename
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// newClient is Talos' transport: roots from one bundle, no client certificate,
// no keep-alive, TLS 1.2 at least, HTTP/2 offered.
func newClient(caFile string) (*http.Client, error) {
	pool := x509.NewCertPool()
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("no certificate in '%s'", caFile)
		}
	}
	return &http.Client{Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		DisableKeepAlives:   true,
		ForceAttemptHTTP2:   true,
		TLSClientConfig:     &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	}}, nil
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

// fetchWithRetry tries until 200 or 204; everything else is repeated on Talos'
// schedule. An empty result stands for "config not found".
func fetchWithRetry(client *http.Client, o *nodeOptions, result *report) ([]byte, error) {
	end := time.Now().Add(scaled(cycle, o.scale))
	limit := max(scaled(attemptTimeout, o.scale), o.minimumAttemptLength)
	for n := 1; ; n++ {
		wait := pause(n)
		if n > 1 {
			wait += time.Duration(rand.Int64N(int64(time.Second)))
		}
		wait = scaled(wait, o.scale)
		if time.Now().Add(wait).After(end) {
			return nil, fmt.Errorf("timeout after %d attempts", n-1)
		}
		time.Sleep(wait)
		body, done, tried := fetch(client, result.URL, limit)
		result.Attempts = append(result.Attempts, tried)
		fmt.Fprintf(os.Stderr, "attempt %d: %s\n", n, describe(tried))
		if done {
			return body, nil
		}
		if o.maxAttempts > 0 && n >= o.maxAttempts {
			return nil, fmt.Errorf("%d attempts failed, the last one with %s", n, describe(tried))
		}
	}
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

// fetch makes one attempt; done says that it is not to be repeated.
func fetch(client *http.Client, target string, limit time.Duration) (body []byte, done bool, tried attempt) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		tried.Error = err.Error()
		return nil, false, tried
	}
	response, err := client.Do(request)
	if err != nil {
		tried.Error = err.Error()
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
