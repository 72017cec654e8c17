package fingerpost

import (
	"net/http"
	"regexp"
	"strings"
)

// merge adds an answer's fields to those of a page that passed: Vary and Cache-Control are merged, Set-Cookie is added.
func merge(page, added http.Header) {
	if vary := added["Vary"]; len(vary) > 0 {
		page["Vary"] = []string{mergedVary(append(append([]string{}, page["Vary"]...), vary...))}
	}
	if caching := added["Cache-Control"]; len(caching) > 0 {
		page["Cache-Control"] = []string{mergedCacheControl(page["Cache-Control"], caching)}
	}
	if cookies := added["Set-Cookie"]; len(cookies) > 0 {
		page["Set-Cookie"] = append(page["Set-Cookie"], cookies...)
	}
}

// mergedVary has each name once, whatever its case; "*" replaces all (RFC 9110 §12.5.5).
func mergedVary(lines []string) string {
	var names []string
	seen := map[string]bool{}
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			if name == "*" {
				return "*"
			}
			if lower := strings.ToLower(name); name != "" && !seen[lower] {
				seen[lower] = true
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}

// directive is one as it stands, and its name.
type directive struct{ text, name string }

var directiveText = regexp.MustCompile(`(?:[^",]|"(?:[^"\\]|\\.)*"?)+`)

func directivesOf(lines []string) []directive {
	var found []directive
	for _, line := range lines {
		for _, text := range directiveText.FindAllString(line, -1) {
			if text = strings.TrimSpace(text); text != "" {
				name, _, _ := strings.Cut(text, "=")
				found = append(found, directive{text, strings.ToLower(strings.TrimSpace(name))})
			}
		}
	}
	return found
}

// mergedCacheControl is the stricter of two: no-store before private, and private before what the page lets shared caches do (RFC 9111 §5.2.2).
func mergedCacheControl(page, added []string) string {
	own, ours := directivesOf(page), directivesOf(added)
	if has(ours, "no-store") && !has(own, "no-store") {
		return joined(ours)
	}
	if !has(ours, "private") || has(own, "no-store") {
		if len(own) > 0 {
			return joined(own)
		}
		return joined(ours)
	}
	var kept []directive
	for _, one := range own {
		if one.name != "public" && one.name != "s-maxage" && one.name != "private" {
			kept = append(kept, one)
		}
	}
	return joined(append(kept, directive{text: "private"}))
}

func has(directives []directive, name string) bool {
	for _, one := range directives {
		if one.name == name {
			return true
		}
	}
	return false
}

func joined(directives []directive) string {
	texts := make([]string, len(directives))
	for i, one := range directives {
		texts[i] = one.text
	}
	return strings.Join(texts, ", ")
}
