package fingerpost

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fingerpost/fingerpost/client/go/fingerpostv1"
)

// Wish is what a response is for: a purpose with its target, or one of the policy's named intents. Make one with FormResult, PermanentMove, Named, …
type Wish struct {
	intent *fingerpostv1.Intent
	name   string
}

// Modifier changes an intent. intent.proto explains each of its fields. All but Parameter are refused with a named intent, which the policy has spelled out.
type Modifier func(*fingerpostv1.DecideRequest) error

func wish(purpose fingerpostv1.Purpose, target string) Wish {
	return Wish{intent: &fingerpostv1.Intent{Purpose: purpose, Target: target}}
}

// Of is a purpose by its message's name, for one that has no function here.
func Of(purpose fingerpostv1.Purpose, target string) Wish { return wish(purpose, target) }

// Named is an intent of the policy. Parameter gives its placeholders their values.
func Named(name string) Wish { return Wish{name: name} }

// FormResult shows the result of an unsafe request: Post/Redirect/Get.
func FormResult(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_FORM_RESULT, target)
}

// ValidationFailed shows a form again, with what is wrong.
func ValidationFailed(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_VALIDATION_FAILED, target)
}

// ResourceCreated answers 201 with the new resource's place.
func ResourceCreated(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_RESOURCE_CREATED, target)
}

// OperationAccepted answers 202 with the place of the operation's state.
func OperationAccepted(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_OPERATION_ACCEPTED, target)
}

// OperationResult is what the operation's state asks for: see State.
func OperationResult(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_OPERATION_RESULT, target)
}

// AuthorizationResponse answers an OAuth client at its redirect URI: see RedirectURIs and ResponseParameter.
func AuthorizationResponse(redirectURI string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_AUTHORIZATION_RESPONSE, redirectURI)
}

// LoginRequired leads to the page of the login.
func LoginRequired(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_LOGIN_REQUIRED, target)
}

// TemporaryMove keeps the method and the content.
func TemporaryMove(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_TEMPORARY_MOVE, target)
}

// PermanentMove keeps the method and the content.
func PermanentMove(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_PERMANENT_MOVE, target)
}

// CanonicalURL leads to the one spelling of a page's URL.
func CanonicalURL(target string) Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_CANONICAL_URL, target)
}

// HTTPSUpgrade leads from http to https.
func HTTPSUpgrade() Wish { return wish(fingerpostv1.Purpose_PURPOSE_HTTPS_UPGRADE, "") }

// Reroute sends a request on: see RedirectCapable.
func Reroute(target string) Wish { return wish(fingerpostv1.Purpose_PURPOSE_REROUTE, target) }

// Campaign leads from a short URL.
func Campaign(target string) Wish { return wish(fingerpostv1.Purpose_PURPOSE_CAMPAIGN, target) }

// Describes leads to a document about something that HTTP cannot send.
func Describes(target string) Wish { return wish(fingerpostv1.Purpose_PURPOSE_DESCRIBES, target) }

// Choices answers 300: see Alternatives.
func Choices() Wish { return wish(fingerpostv1.Purpose_PURPOSE_CHOICES, "") }

// Gone answers 410.
func Gone() Wish { return wish(fingerpostv1.Purpose_PURPOSE_GONE, "") }

// NotFound answers 404.
func NotFound() Wish { return wish(fingerpostv1.Purpose_PURPOSE_NOT_FOUND, "") }

// UnavailableForLegalReasons answers 451.
func UnavailableForLegalReasons() Wish {
	return wish(fingerpostv1.Purpose_PURPOSE_UNAVAILABLE_FOR_LEGAL_REASONS, "")
}

// With changes the intent's message directly, for all that has no function here.
func With(change func(*fingerpostv1.Intent)) Modifier {
	return func(question *fingerpostv1.DecideRequest) error {
		intent := question.GetIntent()
		if intent == nil {
			what := Violation{"intent_name", "expected no modifier: the policy has spelled this intent out"}
			return &Error{Code: "INVALID_ARGUMENT", Reason: "INVALID_FIELDS", Message: what.Field + ": " + what.Description, Violations: []Violation{what}}
		}
		change(intent)
		return nil
	}
}

// Parameter gives a placeholder its value.
func Parameter(name, value string) Modifier {
	return func(question *fingerpostv1.DecideRequest) error {
		if question.Parameters == nil {
			question.Parameters = map[string]string{}
		}
		question.Parameters[name] = value
		return nil
	}
}

// Flash is a message that the next page shows once: TakeFlash.
func Flash(text string) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Flash = &fingerpostv1.Flash{Text: text} })
}

// PinnedStatus is refused if it contradicts the purpose.
func PinnedStatus(status int) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.PinnedStatus = int32(status) })
}

// Permanent is for campaigns and the like that stay.
func Permanent() Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Permanence = fingerpostv1.Permanence_PERMANENCE_PERMANENT })
}

// Temporary is for moves that do not stay.
func Temporary() Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Permanence = fingerpostv1.Permanence_PERMANENCE_TEMPORARY })
}

// Legacy is for clients that know neither 307 nor 308.
func Legacy() Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Compatibility = fingerpostv1.Compatibility_COMPATIBILITY_LEGACY })
}

// Cache says how caches may keep the response.
func Cache(cache *fingerpostv1.CacheWish) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Cache = cache })
}

// MaxAge is how long caches may keep the response.
func MaxAge(age time.Duration) Modifier {
	return Cache(&fingerpostv1.CacheWish{MaxAge: durationpb.New(age)})
}

// Query says what becomes of the request's query.
func Query(mode fingerpostv1.QueryMode, allowedNames ...string) Modifier {
	return With(func(i *fingerpostv1.Intent) {
		i.Query = &fingerpostv1.QueryWish{Mode: mode, AllowedNames: allowedNames}
	})
}

// Window is when the intent holds. A zero time is no limit.
func Window(from, until time.Time, afterwards fingerpostv1.AfterWindow) Modifier {
	return With(func(i *fingerpostv1.Intent) {
		i.Window = &fingerpostv1.Window{Afterwards: afterwards}
		if !from.IsZero() {
			i.Window.From = timestamppb.New(from)
		}
		if !until.IsZero() {
			i.Window.Until = timestamppb.New(until)
		}
	})
}

// WeightedTarget is one of several targets, by its weight.
func WeightedTarget(target string, weight uint32) Modifier {
	return With(func(i *fingerpostv1.Intent) {
		i.WeightedTargets = append(i.WeightedTargets, &fingerpostv1.WeightedTarget{Target: target, Weight: weight})
	})
}

// StickyKey keeps a visitor at the same weighted target.
func StickyKey(key *fingerpostv1.StickyKey) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.StickyKey = key })
}

// ClientKind says who asks, where the request does not.
func ClientKind(kind fingerpostv1.ClientKind) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Client = kind })
}

// TrustCaller: the program chose the target, not a visitor.
func TrustCaller() Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Trust = fingerpostv1.Trust_TRUST_CALLER })
}

// AllowedHosts are other hosts that the target may name.
func AllowedHosts(hosts ...string) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.AllowedHosts = append(i.AllowedHosts, hosts...) })
}

// FallBackTo is the target in an unsafe one's place.
func FallBackTo(target string) Modifier {
	return With(func(i *fingerpostv1.Intent) {
		i.UnsafeTarget, i.FallbackTarget = fingerpostv1.UnsafeTarget_UNSAFE_TARGET_FALL_BACK, target
	})
}

// RedirectURIs are what the OAuth client registered.
func RedirectURIs(registered ...string) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.RedirectUris = append(i.RedirectUris, registered...) })
}

// ResponseParameter is one of the authorization response's: "code", "state".
func ResponseParameter(name, value string) Modifier {
	return With(func(i *fingerpostv1.Intent) {
		i.ResponseParameters = append(i.ResponseParameters, &fingerpostv1.Parameter{Name: name, Value: value})
	})
}

// InFragment puts the authorization response's parameters into the fragment.
func InFragment() Modifier {
	return With(func(i *fingerpostv1.Intent) { i.ResponseMode = fingerpostv1.ResponseMode_RESPONSE_MODE_FRAGMENT })
}

// RedirectCapable: the webhook's sender is known to follow.
func RedirectCapable() Modifier {
	return With(func(i *fingerpostv1.Intent) { i.RedirectCapable = true })
}

// PreferSeeOther answers a created resource with 303.
func PreferSeeOther() Modifier {
	return With(func(i *fingerpostv1.Intent) { i.PreferSeeOther = true })
}

// State is the operation's.
func State(state fingerpostv1.OperationState) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.OperationState = state })
}

// RetryAfter is when to ask again.
func RetryAfter(wait time.Duration) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.RetryAfter = durationpb.New(wait) })
}

// Challenge is WWW-Authenticate's value, for clients that are no browsers.
func Challenge(challenge string) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Challenge = challenge })
}

// Alternatives are what a visitor may choose from.
func Alternatives(alternatives ...*fingerpostv1.Alternative) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Alternatives = append(i.Alternatives, alternatives...) })
}

// HSTS adds Strict-Transport-Security.
func HSTS(hsts *fingerpostv1.Hsts) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Hsts = hsts })
}

// LookedAtFields are the request fields by which the program chose: Vary names them.
func LookedAtFields(names ...string) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.LookedAtFields = append(i.LookedAtFields, names...) })
}

// CORS lets scripts of other origins read the response.
func CORS(cors *fingerpostv1.Cors) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Cors = cors })
}

// Robots adds X-Robots-Tag.
func Robots(directives ...fingerpostv1.RobotsDirective) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Robots = append(i.Robots, directives...) })
}

// Links adds Link.
func Links(links ...*fingerpostv1.Link) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Links = append(i.Links, links...) })
}

// Cookies adds Set-Cookie.
func Cookies(cookies ...*fingerpostv1.ResponseCookie) Modifier {
	return With(func(i *fingerpostv1.Intent) { i.Cookies = append(i.Cookies, cookies...) })
}

// FullPageLoad makes scripts that swap pages load a whole one.
func FullPageLoad() Modifier {
	return With(func(i *fingerpostv1.Intent) { i.FullPageLoad = true })
}

// ask puts the wish into a question.
func (w Wish) ask(question *fingerpostv1.DecideRequest, modifiers []Modifier) error {
	if w.intent != nil {
		question.Wish = &fingerpostv1.DecideRequest_Intent{Intent: proto.CloneOf(w.intent)}
	} else if w.name != "" {
		question.Wish = &fingerpostv1.DecideRequest_IntentName{IntentName: w.name}
	}
	for _, modify := range modifiers {
		if err := modify(question); err != nil {
			return err
		}
	}
	return nil
}
