package tests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/tests/question"
)

// Every row of tests/golden by the engine and by the service (tests/golden/README.md is the format): equal octets, errors included.
func TestEveryRowHasTheServicesOwnAnswerHere(t *testing.T) {
	running := commonService(t)
	service := client(t, running.address, fingerpost.WithEngine(fingerpost.Remote), fingerpost.FailClosed())
	inside := ready(t, client(t, running.address, fingerpost.WithEngine(fingerpost.Local), fingerpost.FailClosed()))
	t.Run("decide", func(t *testing.T) {
		compareRows(t, "decide", func() *fingerpostv1.DecideRequest { return &fingerpostv1.DecideRequest{} },
			func(asking *fingerpost.Client, question *fingerpostv1.DecideRequest) (proto.Message, error) {
				answer, err := asking.Decide(context.Background(), question)
				if err != nil {
					return nil, err
				}
				return answer.Raw, nil
			}, service, inside)
	})
	t.Run("follow", func(t *testing.T) {
		compareRows(t, "follow", func() *fingerpostv1.FollowRequest { return &fingerpostv1.FollowRequest{} },
			func(asking *fingerpost.Client, question *fingerpostv1.FollowRequest) (proto.Message, error) {
				answer, err := asking.Follow(context.Background(), question)
				if err != nil {
					return nil, err
				}
				return answer.Raw, nil
			}, service, inside)
	})
}

func compareRows[Q proto.Message](
	t *testing.T, kind string, empty func() Q, ask func(*fingerpost.Client, Q) (proto.Message, error), service, inside *fingerpost.Client,
) {
	count, answered := 0, 0
	for _, row := range rows(t, kind) {
		written, is := row[kind].(map[string]any)
		if !is {
			continue
		}
		if _, has := written["now"]; !has {
			written["now"] = "2026-11-30T00:00:00Z"
		}
		if _, has := written["draw"]; !has && kind == "decide" {
			written["draw"] = 7
		}
		asked, err := question.Read(empty(), written)
		if err != nil {
			continue // A row that is not a message never leaves the client.
		}
		count++
		theirs, errTheirs := ask(service, asked)
		ours, errOurs := ask(inside, asked)
		if errTheirs == nil {
			answered++
		}
		if one, other := outcomeOf(theirs, errTheirs), outcomeOf(ours, errOurs); one != other {
			t.Errorf("%s:\nservice: %s\n engine: %s", row["name"], one, other)
		}
		for _, wrong := range expected(row, theirs, errTheirs) {
			t.Errorf("%s (%v): %s", row["name"], row["citation"], wrong)
		}
	}
	if count < 100 || answered < 100 {
		t.Fatalf("the corpus is missing: %d rows, %d answered", count, answered)
	}
	t.Logf("%d rows, %d of them answered", count, answered)
}

func outcomeOf(answer proto.Message, err error) string {
	if err != nil {
		var known *fingerpost.Error
		if !errors.As(err, &known) {
			return err.Error()
		}
		return fmt.Sprint(known.Code, known.Reason, known.Message, known.Violations)
	}
	octets, _ := proto.MarshalOptions{Deterministic: true}.Marshal(answer)
	return string(octets)
}

// expected gives the differences in the members that a client's user sees; the C++ runners compare the rest.
func expected(row map[string]any, answer proto.Message, err error) []string {
	want, _ := row["expect"].(map[string]any)
	if _, wants := want["error"]; wants || err != nil {
		if _, stays := want["stays_on"]; wants == (err != nil) || stays {
			return nil
		}
		return []string{fmt.Sprintf("expected %v, got %v, %v", want, answer, err)}
	}
	decided, is := answer.(*fingerpostv1.DecideResponse)
	if !is {
		return nil
	}
	var wrong []string
	if status, has := want["status"]; has && fmt.Sprint(status) != fmt.Sprint(decided.GetStatus()) {
		wrong = append(wrong, fmt.Sprintf("status: expected %v, got %d", status, decided.GetStatus()))
	}
	fields, _ := want["fields"].(map[string]any)
	if location, has := fields["Location"].(string); has {
		for _, line := range decided.GetHeaders() {
			if line.GetName() == "Location" && line.GetValue() != location {
				wrong = append(wrong, fmt.Sprintf("Location: expected %s, got %s", location, line.GetValue()))
			}
		}
	}
	return wrong
}

func rows(t *testing.T, kind string) []map[string]any {
	t.Helper()
	files, err := filepath.Glob(repository(t, "tests", "golden", kind, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, file := range files {
		octets, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var written []map[string]any
		if err := json.Unmarshal(octets, &written); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, row := range written {
			all = append(all, expanded(row)...)
		}
	}
	return all
}

// expanded gives a row for each combination of its axes' values.
func expanded(row map[string]any) []map[string]any {
	axes, _ := row["for"].(map[string]any)
	chosen := []map[string]any{{}}
	for _, axis := range slices.Sorted(maps.Keys(axes)) {
		var more []map[string]any
		for _, before := range chosen {
			for _, value := range axes[axis].([]any) {
				one := maps.Clone(before)
				one[axis] = value
				more = append(more, one)
			}
		}
		chosen = more
	}
	var made []map[string]any
	for _, values := range chosen {
		one := substituted(row, values).(map[string]any)
		one["name"] = fmt.Sprint(one["name"], values)
		made = append(made, one)
	}
	return made
}

var placeholder = regexp.MustCompile(`\$\{([^}]+)\}`)

func substituted(value any, chosen map[string]any) any {
	switch value := value.(type) {
	case map[string]any:
		made := map[string]any{}
		for name, member := range value {
			made[substituted(name, chosen).(string)] = substituted(member, chosen)
		}
		return made
	case []any:
		made := make([]any, len(value))
		for i, member := range value {
			made[i] = substituted(member, chosen)
		}
		return made
	case string:
		if whole := placeholder.FindStringSubmatch(value); whole != nil && whole[0] == value {
			if found, has := lookedUp(whole[1], chosen); has {
				return found
			}
		}
		return placeholder.ReplaceAllStringFunc(value, func(text string) string {
			found, has := lookedUp(text[2:len(text)-1], chosen)
			if !has {
				return text
			}
			return bare(found)
		})
	default:
		return value
	}
}

func lookedUp(path string, chosen map[string]any) (any, bool) {
	var value any = chosen
	for part := range strings.SplitSeq(path, ".") {
		members, _ := value.(map[string]any)
		found, has := members[part]
		if !has {
			return nil, false
		}
		value = found
	}
	return value, true
}

// bare is a value's form inside a text.
func bare(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case map[string]any:
		if name, has := value["name"].(string); has {
			return name
		}
	}
	octets, _ := json.Marshal(value)
	return string(octets)
}
