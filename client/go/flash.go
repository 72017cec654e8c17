package fingerpost

import (
	"net/http"
	"strings"
)

// TakeFlash gives the flash message of a request, once: the response clears it. "" when there is none. The message is display text that anybody could have
// written: escape it, as html/template does.
func TakeFlash(w http.ResponseWriter, r *http.Request) string {
	for _, one := range []struct{ name, secure string }{{"__Host-flash", "Secure; "}, {"flash", ""}} {
		if cookie, err := r.Cookie(one.name); err == nil {
			w.Header().Add("Set-Cookie", one.name+"=; Path=/; Max-Age=0; "+one.secure+"HttpOnly; SameSite=Lax")
			return strings.ToValidUTF8(percentDecoded(cookie.Value), "\uFFFD")
		}
	}
	return ""
}
