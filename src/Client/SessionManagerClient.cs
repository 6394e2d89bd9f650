using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace SessionManager.Client;

/// <summary>Mints and manages sessions for one account. Thread-safe; keep one and share it.</summary>
/// <param name="http">Its base address is the server's. It is the caller's to dispose.</param>
/// <param name="credential">An API key, an access token got for one, or a login.</param>
public sealed class SessionManagerClient(HttpClient http, string credential)
{
    const int IdempotencyKeyCharacters = 32;

    readonly Connection connection = new(http, new AuthenticationHeaderValue("Bearer", credential));

    /// <summary>
    /// Mints a session and its token. Where no answer comes back it asks again under the same idempotency key, so a lost answer
    /// does not cost a second slot.
    /// </summary>
    /// <param name="wait">How long to queue where no streamer is free, up to 30 s; null: not at all.</param>
    /// <param name="idempotencyKey">To be able to repeat the mint yourself; null: one is made up for this call.</param>
    /// <exception cref="SessionManagerException">The server refuses.</exception>
    public Task<Credentials> Mint(
        MintWishes? wishes = null, TimeSpan? wait = null, string? idempotencyKey = null, CancellationToken cancellation = default) =>
        connection.SendRepeatably(
            () => Post("credentials", wishes, wait, idempotencyKey ??= RandomNumberGenerator.GetHexString(IdempotencyKeyCharacters)),
            ClientJson.Default.Credentials,
            cancellation);

    /// <summary>The regions that have a live node, and where each can be pinged.</summary>
    public async Task<IReadOnlyList<Region>> Regions(CancellationToken cancellation = default) =>
        (await connection.Send(new(HttpMethod.Get, "regions"), ClientJson.Default.RegionList, cancellation)).Regions;

    public Task<Session> Session(string sessionId, CancellationToken cancellation = default) =>
        connection.Send(new(HttpMethod.Get, Path(sessionId)), ClientJson.Default.Session, cancellation);

    /// <summary>The account's sessions, newest first, page by page as they are read.</summary>
    /// <param name="state"><c>provisioned</c>, <c>connected</c> or <c>dropped</c>; null: all.</param>
    public async IAsyncEnumerable<Session> Sessions(
        string? state = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        string? cursor = null;
        do
        {
            var query = $"api/sessions?limit=200{Query("state", state)}{Query("cursor", cursor)}";
            var page = await connection.Send(new(HttpMethod.Get, query), ClientJson.Default.SessionPage, cancellation);
            foreach (var session in page.Data)
                yield return session;
            cursor = page.Cursor;
        }
        while (cursor is not null);
    }

    /// <summary>Ends the session. Ending an ended one changes nothing.</summary>
    public Task<Session> Drop(string sessionId, CancellationToken cancellation = default) =>
        connection.Send(new(HttpMethod.Delete, Path(sessionId)), ClientJson.Default.Session, cancellation);

    static HttpRequestMessage Post(string path, MintWishes? wishes, TimeSpan? wait, string idempotencyKey)
    {
        var request = Connection.Post(path, wishes ?? new MintWishes(), ClientJson.Default.MintWishes);
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (wait is { } time)
            request.Headers.Add("Prefer", $"wait={(int)time.TotalSeconds}");
        return request;
    }

    static string Path(string sessionId) => $"api/sessions/{Uri.EscapeDataString(sessionId)}";

    static string Query(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
