// Package origin compares origins (RFC 6454 §4): nobody else decides whether a secret may travel.
package origin

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Origin is scheme, host and effective port, in one spelling.
type Origin struct {
	Scheme, Host string
	Port         int
}

// The authority ends where a URL parser ends it. A host with characters that parsers read differently ("\", "%", a second "@") has no origin.
var authority = regexp.MustCompile(`(?i)^(https?)://(?:[^/?#\\]*@)?(\[[0-9a-f:.]+\]|[^\x00-\x20/?#\\@:\[\]<>^|%\x7f]+)(?::([0-9]{0,5}))?(?:[/?#]|$)`)

// Of gives the origin of an http or https URL. false: it cannot be told.
func Of(url string) (Origin, bool) {
	parts := authority.FindStringSubmatch(url)
	if parts == nil || !utf8.ValidString(parts[2]) {
		return Origin{}, false
	}
	found := Origin{Scheme: strings.ToLower(parts[1]), Port: 443}
	if found.Scheme == "http" {
		found.Port = 80
	}
	if parts[3] != "" {
		found.Port, _ = strconv.Atoi(parts[3])
	}
	var known bool
	found.Host, known = Host(parts[2])
	return found, known
}

// Same says whether a secret of one's origin may go to other: it is the same origin, or both are trusted.
func Same(one, other string, trusted []string) bool {
	first, knownFirst := Of(one)
	second, knownSecond := Of(other)
	if !knownFirst || !knownSecond {
		return false
	}
	if first == second {
		return true
	}
	var hasFirst, hasSecond bool
	for _, each := range trusted {
		if among, known := Of(each); known {
			hasFirst, hasSecond = hasFirst || among == first, hasSecond || among == second
		}
	}
	return hasFirst && hasSecond
}

// Host spells an address, or a domain in its ASCII form (URL Standard, "host parsing").
func Host(text string) (string, bool) {
	if strings.HasPrefix(text, "[") {
		address, err := netip.ParseAddr(strings.Trim(text, "[]"))
		return address.String(), err == nil
	}
	labels := strings.Split(strings.ReplaceAll(norm.NFKC.String(strings.ToLower(text)), "\u3002", "."), ".")
	last := labels[len(labels)-1]
	if last == "" && len(labels) > 1 {
		last = labels[len(labels)-2]
	}
	if isNumber(last) { // "127.1" and "0x7f.1" are addresses, too.
		return ipv4(strings.TrimSuffix(strings.Join(labels, "."), "."))
	}
	return ASCII(strings.Join(labels, ".")), true
}

// ASCII writes labels beyond ASCII as Punycode (RFC 3492).
func ASCII(host string) string {
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if strings.ContainsFunc(label, func(c rune) bool { return c > 0x7f }) {
			if spelled, err := idna.Punycode.ToASCII(label); err == nil {
				labels[i] = spelled
			}
		}
	}
	return strings.Join(labels, ".")
}

var number = regexp.MustCompile(`^(?:[0-9]+|0x[0-9a-f]*)$`)

func isNumber(label string) bool { return number.MatchString(label) }

// ipv4 reads an address of one to four parts, each decimal, octal or hexadecimal; the last fills what is left.
func ipv4(text string) (string, bool) {
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return "", false
	}
	var address uint64
	for i, part := range parts {
		if !isNumber(part) {
			return "", false
		}
		value, err := strconv.ParseUint(part, 0, 64)
		if part == "0x" {
			value, err = 0, nil
		}
		rest := 8 * (4 - i)
		if i < len(parts)-1 {
			rest = 8
		}
		if err != nil || value >= 1<<rest {
			return "", false
		}
		if i < len(parts)-1 {
			address |= value << (8 * (3 - i))
		} else {
			address |= value
		}
	}
	return netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}).String(), true
}
