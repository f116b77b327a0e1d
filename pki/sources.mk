# edge-pki

PK := pki/src
