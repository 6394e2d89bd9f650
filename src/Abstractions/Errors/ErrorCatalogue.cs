using System.Collections.Frozen;

namespace SessionManager.Errors;

/// <summary>One kind of error as the outside sees it.</summary>
/// <param name="Code">Stable; clients branch on it.</param>
/// <param name="Status">HTTP status code.</param>
/// <param name="Title">What is wrong, in one sentence.</param>
/// <param name="Action">What the caller can do about it.</param>
public sealed record ErrorKind(string Code, int Status, string Title, string Action);

/// <summary>Every error this product answers with: problem details come from here and nowhere else.</summary>
public static class ErrorCatalogue
{
    public const string MalformedRequest = "malformed_request";
    public const string MalformedHttp = "malformed_http";
    public const string UriTooLong = "uri_too_long";
    public const string HeadersTooLarge = "headers_too_large";
    public const string HttpVersion = "http_version_not_supported";
    public const string InvalidValue = "invalid_value";
    public const string RequestTimeout = "request_timeout";
    public const string PayloadTooLarge = "payload_too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string UpgradeRequired = "upgrade_required";
    public const string NotFound = "not_found";
    public const string Unauthenticated = "unauthenticated";
    public const string InvalidToken = "invalid_token";
    public const string InvalidKey = "invalid_key";
    public const string MalformedKey = "malformed_key";
    public const string InvalidLogin = "invalid_login";
    public const string TooManyLogins = "too_many_logins";
    public const string KeysDisabled = "api_keys_disabled";
    public const string SuspendedAccount = "account_suspended";
    public const string InsufficientScope = "insufficient_scope";
    public const string AddressNotAllowed = "address_not_allowed";
    public const string Forbidden = "forbidden";
    public const string SetupDone = "setup_done";
    public const string UsernameTaken = "username_taken";
    public const string UserNotFound = "user_not_found";
    public const string KeyNotFound = "key_not_found";
    public const string TooManyKeys = "too_many_keys";
    public const string KeyRotated = "key_rotated";
    public const string KeyEnded = "key_ended";
    public const string WrongPassword = "wrong_password";
    public const string LastAdministrator = "last_administrator";
    public const string SessionNotFound = "session_not_found";
    public const string SessionDropped = "session_dropped";
    public const string SessionExpired = "session_expired";
    public const string AlreadyConnected = "already_connected";
    public const string ConnectionEnded = "connection_ended";
    public const string SessionNotConnected = "session_not_connected";
    public const string BroadcastNotFound = "broadcast_not_found";
    public const string BroadcastEnded = "broadcast_ended";
    public const string ViewerNotFound = "viewer_not_found";
    public const string ViewerLimit = "viewer_limit";
    public const string StreamerNotAttached = "streamer_not_attached";
    public const string StreamerTimeout = "streamer_timeout";
    public const string InvalidSdp = "invalid_sdp";
    public const string NotAcceptable = "not_acceptable";
    public const string EntityTagRequired = "entity_tag_required";
    public const string EntityTagMismatch = "entity_tag_mismatch";
    public const string NodeNotFound = "node_not_found";
    public const string NodeOwned = "node_owned";
    public const string NoStreamer = "no_streamer_available";
    public const string IdempotencyMismatch = "idempotency_mismatch";
    public const string IdempotencyInFlight = "idempotency_in_flight";
    public const string Unavailable = "temporarily_unavailable";
    public const string Internal = "internal_error";

    /// <summary>The usage errors (429): the published client parses these five by name.</summary>
    public const string ConcurrentLimit = "CONCURRENT_LIMIT_REACHED";
    public const string MonthlyLimit = "MONTHLY_LIMIT_REACHED";
    public const string AccountSuspended = "ACCOUNT_SUSPENDED";
    public const string RateLimited = "RATE_LIMITED";
    public const string StreamDuration = "STREAM_DURATION_EXCEEDED";

    static readonly FrozenDictionary<string, ErrorKind> Kinds = new ErrorKind[]
    {
        new(MalformedRequest, 400, "The request cannot be read.", "Send well-formed JSON as the API description shows it."),
        new(MalformedHttp, 400, "This is not a well-formed HTTP request.", "Check the path and the headers for what HTTP does not allow."),
        new(UriTooLong, 414, "The address is too long.", "Send a shorter one; 8,192 bytes is the most."),
        new(HeadersTooLarge, 431, "The headers are too large.", "Send fewer or shorter ones; 16,384 bytes in all is the most."),
        new(HttpVersion, 505, "This version of HTTP is not supported.", "Use HTTP/1.1."),
        new(InvalidValue, 422, "A value is not allowed.", "Correct the value named and send the request again."),
        new(RequestTimeout, 408, "The request took too long to arrive.", "Send it again."),
        new(PayloadTooLarge, 413, "The request body is too large.", "Send a smaller body."),
        new(UnsupportedMediaType, 415, "The body's content type is not accepted.", "Send it as application/json."),
        new(MethodNotAllowed, 405, "This method is not allowed here.", "Use a method from the Allow header."),
        new(UpgradeRequired, 426, "This address is for WebSocket connections.", "Open it as a WebSocket."),
        new(NotFound, 404, "There is nothing at this address.", "Check the path against the API description."),
        new(Unauthenticated, 401, "Authentication is required.", "Send an Authorization header with a Bearer credential."),
        new(InvalidToken, 401, "The token is not valid here.", "Get a new token and try again."),
        new(InvalidKey, 401, "The API key is unknown or revoked.", "Use a key from the account's list, or create a new one."),
        new(MalformedKey, 422, "This does not have the shape of an API key.", "Check that the key was copied whole and without spaces."),
        new(InvalidLogin, 401, "The username or the password is wrong.", "Check both and try again."),
        new(TooManyLogins, 429, "Too many failed logins.", "Wait for the time in Retry-After, then try again."),
        new(KeysDisabled, 403, "API keys are not enabled for this account.", "Ask an administrator to enable them."),
        new(SuspendedAccount, 403, "The account is suspended.", "Contact an administrator."),
        new(InsufficientScope, 403, "This credential does not open this route.", "Use a key that holds the scope named."),
        new(AddressNotAllowed, 403, "This API key may not be used from here.", "Call from a network that the key allows, or use another key."),
        new(Forbidden, 403, "You are not allowed to do this.", "Sign in as someone who is."),
        new(SetupDone, 409, "Setup is over: there is an administrator already.", "Sign in as an administrator."),
        new(UsernameTaken, 409, "This username is taken.", "Choose another one."),
        new(UserNotFound, 404, "There is no such user.", "Check the id against the list of users."),
        new(KeyNotFound, 404, "There is no such key.", "Check the id against the list of keys; a revoked key is gone."),
        new(TooManyKeys, 409, "The account has as many keys as it may.", "Revoke a key that is not used any more."),
        new(KeyRotated, 409, "The key was rotated already.", "Use the key that has taken its place; where that was lost, revoke it and rotate again."),
        new(KeyEnded, 409, "The key has ended.", "Create a new key."),
        new(WrongPassword, 403, "The password is wrong.", "Check it and try again."),
        new(LastAdministrator, 409, "There would be no administrator left who can sign in.", "Make someone else an administrator first."),
        new(SessionNotFound, 404, "There is no such session.", "Check the id; a dropped session can be read for 24 hours."),
        new(SessionDropped, 410, "The session has ended.", "Mint a new one."),
        new(SessionExpired, 410, "The session's token has expired.", "Mint a new session; tokens cannot be refreshed."),
        new(AlreadyConnected, 409, "The session has a live connection.", "Disconnect it first, or mint another session."),
        new(ConnectionEnded, 409, "This connection has ended.", "Use a new connection_id for a new connection."),
        new(SessionNotConnected, 409, "No client is connected to the session.", "Report the connection first, then broadcast it."),
        new(BroadcastNotFound, 404, "There is no such broadcast.", "Check the address; a broadcast ends with its session."),
        new(BroadcastEnded, 410, "The broadcast is over.", "Ask who shared it for a new one."),
        new(ViewerNotFound, 404, "There is no such viewer.", "Watch anew; a viewer ends with its token and with the broadcast."),
        new(ViewerLimit, 409, "As many are watching as may.", "Try again when someone has left, or ask who shared it for another link."),
        new(StreamerNotAttached, 409, "The streamer cannot be reached.", "Try again in a moment; it may be reconnecting."),
        new(StreamerTimeout, 504, "The streamer did not answer in time.", "Try again."),
        new(InvalidSdp, 422, "The body is not an SDP offer that can be answered.", "Send a WebRTC offer that receives video."),
        new(NotAcceptable, 406, "The answer would be of a type that is not accepted.", "Accept application/sdp."),
        new(EntityTagRequired, 428, "If-Match is missing.", "Send the ETag of the answer in If-Match."),
        new(EntityTagMismatch, 412, "If-Match names another ICE session.", "Send the ETag of the answer in If-Match, or watch anew."),
        new(NodeNotFound, 404, "There is no such node.", "Check the id against the list of nodes; a node has to register before all else."),
        new(NodeOwned, 403, "The node belongs to another account.", "Use a key of its owner, or choose another node id."),
        new(NoStreamer, 503, "No streamer is free.", "Try again after the time in Retry-After, or send Prefer: wait=N."),
        new(IdempotencyMismatch, 422, "This Idempotency-Key was used with another body.", "Use a new key for a new request."),
        new(IdempotencyInFlight, 409, "A request with this Idempotency-Key is still being worked on.", "Repeat it a little later."),
        new(Unavailable, 503, "The service cannot answer right now.", "Try again after the time in Retry-After."),
        new(Internal, 500, "Something went wrong on our side.", "Try again; if it stays, report the request_id."),
        new(ConcurrentLimit, 429, "The account has as many sessions open as it may.", "End a session, or wait for one to end."),
        new(MonthlyLimit, 429, "The account has used up its streaming hours of this month.", "Wait for the reset date, or ask for a higher limit."),
        new(AccountSuspended, 429, "The account is suspended.", "Contact an administrator."),
        new(RateLimited, 429, "Too many requests.", "Wait for the time in Retry-After, then try again."),
        new(StreamDuration, 429, "The stream has reached its longest allowed duration.", "Mint a new session."),
    }.ToFrozenDictionary(kind => kind.Code);

    /// <exception cref="KeyNotFoundException">The code is not in the catalogue: a defect of ours.</exception>
    public static ErrorKind Find(string code) => Kinds[code];

    public static IEnumerable<ErrorKind> All => Kinds.Values;
}
