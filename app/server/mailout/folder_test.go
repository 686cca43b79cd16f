package mailout_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"recado/app/server/mailout"
)

func TestTheFolderHoldsEachMailOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "outgoing-mail")
	f, err := mailout.NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	first := f.Send(t.Context(), small)
	second := f.Send(t.Context(), small)
	other := small
	other.To = "eva@b.example"
	third := f.Send(t.Context(), other)
	if first.Outcome != mailout.Accepted || first != second || third.ServerID == first.ServerID {
		t.Fatalf("got %+v, %+v, %+v", first, second, third)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, first.ServerID)); err != nil || !bytes.Equal(got, small.Raw) {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got := f.Send(t.Context(), small); got.Outcome != mailout.Later {
		t.Errorf("without its folder: %+v", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := f.Send(ended, small); got.Outcome != mailout.Later {
		t.Errorf("after its time: %+v", got)
	}
}

func TestSignaturesVerify(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := mailout.NewSigner(identity.Domain, "recado", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := compose(t, toFollower())
	raw, err := signer.Sign(m.Raw)
	if err != nil {
		t.Fatal(err)
	}
	check := func(raw []byte) error {
		v, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != "recado._domainkey."+identity.Domain {
				t.Errorf("asked for %s", name)
			}
			return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
		}})
		if err != nil || len(v) != 1 {
			t.Fatalf("%d signatures, %v", len(v), err)
		}
		return v[0].Err
	}
	if err := check(raw); err != nil {
		t.Error(err)
	}
	if !bytes.Contains(raw, []byte("c=relaxed/relaxed")) {
		t.Error("the signature is not relaxed/relaxed")
	}
	if check(bytes.Replace(raw, []byte("Subject: "), []byte("Subject: x"), 1)) == nil {
		t.Error("another subject verifies")
	}
	if check(append([]byte("From: evil@x.example\r\n"), raw...)) == nil {
		t.Error("a From put in front verifies")
	}
	for _, bad := range []string{"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := mailout.NewSigner("a", "b", []byte(bad)); err == nil {
			t.Errorf("%q is taken for a key", bad)
		}
	}
}
