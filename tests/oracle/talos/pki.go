package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// blocks reads every PEM block of one kind.
func blocks(path, kind string) ([][]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for {
		var block *pem.Block
		block, data = pem.Decode(data)
		if block == nil {
			break
		}
		if block.Type == kind {
			found = append(found, block.Bytes)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no %s", path, kind)
	}
	return found, nil
}

func certificates(path string) ([]*x509.Certificate, error) {
	ders, err := blocks(path, "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	var certs []*x509.Certificate
	for _, der := range ders {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certs = append(certs, cert)
	}
	return certs, nil
}

// checkRevocation wants a valid list for each certificate below a root.
func checkRevocation(chain []*x509.Certificate, path string, now time.Time) error {
	ders, err := blocks(path, "X509 CRL")
	if err != nil {
		return err
	}
	for i, cert := range chain[:len(chain)-1] {
		covered := false
		for _, der := range ders {
			list, err := x509.ParseRevocationList(der)
			if err != nil {
				return err
			}
			if !bytes.Equal(list.RawIssuer, cert.RawIssuer) ||
				list.CheckSignatureFrom(chain[i+1]) != nil {
				continue
			}
			if now.After(list.NextUpdate) || now.Before(list.ThisUpdate) {
				return errors.New("the list of " + cert.Issuer.String() + " is out of date")
			}
			covered = true
			for _, entry := range list.RevokedCertificateEntries {
				if entry.SerialNumber.Cmp(cert.SerialNumber) == 0 {
					return errors.New("revoked: " + cert.Subject.String())
				}
			}
		}
		if !covered {
			return errors.New("no list of " + cert.Issuer.String())
		}
	}
	return nil
}

// verifyCert checks a chain as Go's TLS does, and against revocation lists.
func verifyCert(args []string) error {
	flags := newFlags("verify-cert")
	chainFile := flags.String("chain", "", "leaf, then what is above it")
	rootsFile := flags.String("roots", "", "what is trusted")
	name := flags.String("name", "", "name or address of the server; none: a client")
	crlFile := flags.String("crl", "", "revocation lists")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	chain, err := certificates(*chainFile)
	if err != nil {
		return err
	}
	trusted, err := certificates(*rootsFile)
	if err != nil {
		return err
	}
	options := x509.VerifyOptions{DNSName: *name, CurrentTime: time.Now(),
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if *name != "" {
		options.KeyUsages[0] = x509.ExtKeyUsageServerAuth
	}
	// A trust file may hold CAs below a root: only roots are anchors.
	for _, cert := range trusted {
		if bytes.Equal(cert.RawSubject, cert.RawIssuer) {
			options.Roots.AddCert(cert)
		} else {
			options.Intermediates.AddCert(cert)
		}
	}
	for _, cert := range chain[1:] {
		options.Intermediates.AddCert(cert)
	}
	chains, err := chain[0].Verify(options)
	if err != nil {
		return err
	}
	if *crlFile == "" {
		return nil
	}
	return checkRevocation(chains[0], *crlFile, options.CurrentTime)
}
