// Driver answers the contract's questions by the Go package: JSON lines in and out (client/contract/README.md).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	fingerpost "github.com/fingerpost/fingerpost/client/go"
	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
	"github.com/fingerpost/fingerpost/client/go/tests/question"
)

type line struct {
	Op         string `json:"op"`
	Address    string `json:"address"`
	Engine     string `json:"engine"`
	OnError    string `json:"on_error"`
	TimeoutMS  int    `json:"timeout_ms"`
	PolicyFile string `json:"policy_file"`
	Question   any    `json:"question"`
}

type said map[string]any

var client *fingerpost.Client

func main() {
	// Standard output is for answers alone.
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	lines, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		text, err := lines.ReadBytes('\n')
		if len(text) == 0 && err != nil {
			break
		}
		var asked line
		if err := json.Unmarshal(text, &asked); err != nil {
			panic(err)
		}
		if err := out.Encode(answer(asked)); err != nil {
			panic(err)
		}
	}
	end()
}

func answer(asked line) said {
	ctx := context.Background()
	switch asked.Op {
	case "open":
		end()
		return open(asked)
	case "ready":
		within, cancel := context.WithTimeout(ctx, time.Duration(asked.TimeoutMS)*time.Millisecond)
		defer cancel()
		return said{"ready": client.Ready(within) == nil}
	case "decide":
		return decide(ctx, asked.Question)
	case "follow":
		return follow(ctx, asked.Question)
	case "policy":
		status := client.Policy()
		return said{"state": status.State, "version": status.Version, "problems": append([]string{}, status.Problems...)}
	case "close":
		end()
		return said{"ok": true}
	default:
		panic(asked.Op)
	}
}

func open(asked line) said {
	var options []fingerpost.Option
	if asked.Engine != "" {
		options = append(options, fingerpost.WithEngine(fingerpost.Engine(asked.Engine)))
	}
	if asked.OnError == "raise" {
		options = append(options, fingerpost.FailClosed())
	}
	if asked.TimeoutMS > 0 {
		options = append(options, fingerpost.WithTimeout(time.Duration(asked.TimeoutMS)*time.Millisecond))
	}
	if asked.PolicyFile != "" {
		options = append(options, fingerpost.WithPolicyFile(asked.PolicyFile))
	}
	var err error
	if client, err = fingerpost.New(asked.Address, fingerpost.Plaintext(), options...); err != nil {
		panic(err)
	}
	return said{"ok": true}
}

func end() {
	if client != nil {
		_ = client.Close()
	}
}

func decide(ctx context.Context, asked any) said {
	read, err := question.Read(&fingerpostv1.DecideRequest{}, asked)
	if err != nil {
		return wrong(err)
	}
	decision, err := client.Decide(ctx, read)
	if err != nil {
		return said{"error": failed(err)}
	}
	// An outcome from the future is a PASS for the caller.
	answer := written(decision.Raw)
	answer["outcome"] = "OUTCOME_" + decision.Outcome.String()
	return told(answer, decision.Source, decision.Err)
}

func follow(ctx context.Context, asked any) said {
	read, err := question.Read(&fingerpostv1.FollowRequest{}, asked)
	if err != nil {
		return wrong(err)
	}
	hop, err := client.Follow(ctx, read)
	if err != nil {
		return said{"error": failed(err)}
	}
	return told(written(hop.Raw), hop.Source, hop.Err)
}

func told(answer said, source fingerpost.Source, err error) said {
	made := said{"answer": answer, "source": source}
	if err != nil {
		made["error"] = failed(err)
	}
	return made
}

func written(message proto.Message) said {
	octets, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	made := said{}
	if err == nil {
		err = json.Unmarshal(octets, &made)
	}
	if err != nil {
		panic(err)
	}
	return made
}

// wrong: the question is no message.
func wrong(err error) said {
	return said{"error": said{"code": "INVALID_ARGUMENT", "message": err.Error()}}
}

func failed(err error) said {
	var known *fingerpost.Error
	if !errors.As(err, &known) {
		return said{"code": "UNKNOWN", "message": fmt.Sprint(err)}
	}
	violations := []said{}
	for _, one := range known.Violations {
		violations = append(violations, said{"field": one.Field, "description": one.Description})
	}
	return said{"code": known.Code, "reason": known.Reason, "message": known.Message, "violations": violations}
}
