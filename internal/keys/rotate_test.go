package keys_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/keys"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/testdb"
)

func TestMain(m *testing.M) {
	testdb.Main(m, testdb.Migrate(os.DirFS("../store/migrations"), func(ctx context.Context, dsn string) error {
		_, err := store.Migrate(ctx, dsn)
		return err
	}))
}

// known is by when the nodes of a test know a new key; they look ten times as often.
const known = 100 * time.Millisecond

func rotator(w *caretest.World, use identity.Algorithms) *keys.Rotator {
	w.T.Helper()
	r, err := keys.New(keys.Options{Store: w.Store, Keeper: w.OpenKeeper(), KeyFile: w.KeyFile, Algorithms: use, Batch: 7, KnownAfter: known})
	if err != nil {
		w.T.Fatal(err)
	}
	return r
}

// openAll opens every sealed value of the database and counts them; each must be sealed with the present key.
func openAll(w *caretest.World) int {
	w.T.Helper()
	keep := w.OpenKeeper()
	columns, err := w.Store.SealedColumns(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	n := 0
	for _, c := range columns {
		values, err := w.Store.SealedValues(w.T.Context(), c, "", 1_000_000)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, v := range values {
			n++
			id, err := uuid.Parse(v.Key)
			if err != nil {
				w.T.Fatalf("%s.%s: key %q", c.Table, c.Column, v.Key)
			}
			if _, err := keep.Open(c.Table, c.Column, id, v.Value); err != nil {
				w.T.Errorf("%s.%s of %s: %v", c.Table, c.Column, v.Key, err)
			}
			if seal.KeyOf(v.Value) != keep.Sealing(c.Table) {
				w.T.Errorf("%s.%s of %s is sealed with a former key", c.Table, c.Column, v.Key)
			}
		}
	}
	return n
}

// filled is a world with a whole consultation and a photo in it.
func filled(t *testing.T) (*caretest.World, contract.Consultation) {
	t.Helper()
	w := caretest.New(t)
	c := w.Draft(w.Nurse, w.Resident)
	w.Consent(w.Nurse, c.Id)
	caretest.Must[contract.Attachment](w)(w.Care.AddPhoto(t.Context(), w.Nurse, uuid.New(), c.Id, bytes.NewReader(caretest.Signature())))
	c = w.Claim(w.Wang, w.Submit(w.Nurse, c.Id, "ROUTINE"))
	w.Connect(w.Nurse, w.Wang, c).Talk(4 * time.Minute)
	return w, w.Adopt(w.Attending, w.Sign(w.Wang, c, w.Content()))
}

// number makes an identity number that passes its check.
func number(i int) string {
	body := fmt.Sprintf("15010219410203%03d", i)
	sum := 0
	for j, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[j]-'0') * w
	}
	return body + string("10X98765432"[sum%11])
}

func residentInput(i int, org uuid.UUID) contract.ResidentInput {
	id, phone := number(i), fmt.Sprintf("138%08d", i)
	return contract.ResidentInput{OrganisationId: &org, Name: "李玉" + string(rune(0x4e00+i)), IdType: "01", IdentityNumber: &id, Phone: &phone, Sex: contract.Sex([]string{"2", "1"}[i%2]),
		BirthDate: openapi_types.Date{Time: time.Date(1941, 2, 3, 0, 0, 0, 0, time.UTC)}, Ward: "一病区", Bed: fmt.Sprint(i), Capacity: "FULL", AdmittedOn: openapi_types.Date{Time: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}}
}

// All keys are rotated while two nodes write and read. Nobody notices; afterwards every value opens and is sealed with the present
// keys, every hash is found, the signed record and the chain hold, and no identity number was entered twice.
func TestRotationUnderLoad(t *testing.T) {
	w, c := filled(t)
	chain, err := audit.NewSequencer(w.Store, w.Keeper, "one", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	loading, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	var mu sync.Mutex
	entered := map[uuid.UUID]string{}
	var messages []string
	refused := 0
	for node := range 2 {
		keep := w.OpenKeeper()
		service := w.NodeWith(keep)
		work.Go(func() { // as a server's tick does
			for loading.Err() == nil {
				if err := keep.Refresh(); err != nil {
					t.Error(err)
				}
				select {
				case <-loading.Done():
				case <-time.After(known / 10):
				}
			}
		})
		work.Go(func() {
			for i := 0; loading.Err() == nil; i++ {
				in := residentInput(i%300, w.Home) // the same numbers on both nodes, and in each round again
				r, err := service.CreateResident(t.Context(), w.Nurse, uuid.New(), in)
				p := problem.Of(err)
				mu.Lock()
				switch {
				case err == nil:
					entered[r.Card.Id] = *in.IdentityNumber
				case len(p.Fields) == 1 && p.Fields[0].Code == "resident_exists":
					refused++
				default:
					t.Errorf("%v %+v", err, p.Fields)
				}
				mu.Unlock()
				if err == nil {
					if got, err := service.GetResident(t.Context(), w.Nurse, r.Card.Id); err != nil || got.Card.Name != in.Name || *got.Phone != *in.Phone {
						t.Errorf("read what was written: %v", err)
					}
				}
			}
		})
		work.Go(func() {
			for i := 0; loading.Err() == nil && i < 400; i++ {
				body := fmt.Sprintf("消息 %d %d", node, i)
				if _, err := service.SendMessage(t.Context(), w.Nurse, uuid.New(), c.Id, contract.MessageInput{Id: uuid.New(), Body: body}); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				messages = append(messages, body)
				mu.Unlock()
				if got, err := service.GetConsultation(t.Context(), w.Attending, c.Id); err != nil || len(got.Reports) != 1 {
					t.Errorf("the signed report: %v", err)
				}
			}
		})
	}
	work.Go(func() {
		for loading.Err() == nil {
			if _, err := chain.Run(t.Context()); err != nil {
				t.Error(err)
			}
			select {
			case <-loading.Done():
			case <-time.After(known / 5):
			}
		}
	})
	former := seal.KeyOf(w.Keeper.Seal("t", "c", uuid.New(), nil))
	r := rotator(w, identity.Algorithms{Cipher: seal.AlgorithmSM4GCM, Seal: seal.AlgorithmSM2})
	for _, what := range []string{keys.KEK, keys.Data, keys.Lookup, keys.Seal, keys.Data} {
		if err := r.Rotate(t.Context(), what); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	stop()
	work.Wait()
	if t.Failed() {
		return
	}

	keep := w.OpenKeeper()
	if keep.Sealing("t") == former {
		t.Error("the data key is the former one")
	}
	if n := openAll(w); n < 100 || len(entered) < 5 || len(messages) < 5 || refused < 5 {
		t.Errorf("%d values, %d residents, %d refused, %d messages: the load was none", n, len(entered), refused, len(messages))
	}
	seen := map[string]uuid.UUID{}
	for id, identityNumber := range entered {
		if twin, there := seen[identityNumber]; there {
			t.Errorf("%s and %s have one identity number", id, twin)
		}
		seen[identityNumber] = id
		if len(keep.Lookups("identity_number", "01:"+identityNumber)) != 1 {
			t.Fatal("the former look-up key is still in use")
		}
		if n := w.Count("SELECT count(*) FROM residents WHERE id = $1 AND identity_number_hmac = $2", id, keep.Lookup("identity_number", "01:"+identityNumber)); n != 1 {
			t.Errorf("resident %s is not found by the number", id)
		}
	}
	page, err := w.NodeWith(keep).ListMessages(t.Context(), w.Nurse, c.Id)
	if err != nil || len(page) != len(messages) {
		t.Errorf("%d messages of %d, %v", len(page), len(messages), err)
	}
	if _, err := chain.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := audit.Verify(t.Context(), w.Store, keep, audit.Options{}); err != nil || !got.OK || got.Waiting != 0 {
		t.Errorf("the record: %+v, %v", got, err)
	}
	if n, err := r.Forget(t.Context()); err != nil || n != 1 {
		t.Errorf("forgot %d keys, %v", n, err)
	}
	if n := openAll(w); n < 100 {
		t.Errorf("after forgetting: %d values", n)
	}
}

// A rotation that was broken off is finished by the next call, with the keys that it had made.
func TestABrokenOffRotationIsFinished(t *testing.T) {
	w, _ := filled(t)
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	r, err := keys.New(keys.Options{Store: w.Store, Keeper: w.OpenKeeper(), KeyFile: w.KeyFile, Batch: 1, KnownAfter: time.Nanosecond,
		Say: func(format string, _ ...any) {
			if steps++; strings.HasPrefix(format, "new data keys") {
				cancel()
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Rotate(ctx, keys.Data); !errors.Is(err, context.Canceled) {
		t.Fatalf("broken off: %v", err)
	}
	made := w.Count("SELECT count(*) FROM data_keys")
	again := rotator(w, identity.Algorithms{})
	if err := again.Rotate(t.Context(), keys.Data); err != nil {
		t.Fatal(err)
	}
	if n := w.Count("SELECT count(*) FROM data_keys"); n != made {
		t.Errorf("%d keys, %d before: the second call made new ones", n, made)
	}
	if n := openAll(w); n == 0 {
		t.Error("no values")
	}
	if n := w.Count("SELECT count(*) FROM key_rotations WHERE finished_at IS NOT NULL AND resealed > 0"); n != 1 {
		t.Errorf("%d finished rotations, want 1", n)
	}
}

// A value that cannot be opened is named, the others are sealed anew, and the rotation stays open.
func TestADamagedValueIsNamed(t *testing.T) {
	w, _ := filled(t)
	w.Exec("UPDATE residents SET name_enc = set_byte(name_enc, 40, get_byte(name_enc, 40) # 1) WHERE id = $1", w.Second)
	err := rotator(w, identity.Algorithms{}).Rotate(t.Context(), keys.Data)
	if err == nil || !strings.Contains(err.Error(), w.Second.String()) || !strings.Contains(err.Error(), "residents.name_enc") {
		t.Errorf("got %v", err)
	}
	left := 0
	columns, err := w.Store.SealedColumns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	present := w.OpenKeeper()
	for _, c := range columns {
		by, err := w.Store.SealedBy(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for key, n := range by {
			if key != present.Sealing(c.Table) {
				left += int(n)
			}
		}
	}
	if left != 1 {
		t.Errorf("%d values are left, want the damaged one", left)
	}
	if n := w.Count("SELECT count(*) FROM key_rotations WHERE finished_at IS NULL"); n != 1 {
		t.Errorf("%d open rotations, want 1", n)
	}
}
