using System.Globalization;
using System.Security.Cryptography;

namespace SessionManager.Client;

/// <summary>Mints credentials. With an API key that has the scope <c>sessions:write</c>, or a login.</summary>
public sealed class CredentialsClient
{
    const int IdempotencyKeyCharacters = 32;

    readonly Connection _connection;

    internal CredentialsClient(Connection connection) => _connection = connection;

    /// <summary>
    /// Mints a session and the credentials to connect to it. Where no answer comes back it asks again under the same idempotency key,
    /// so a lost answer does not cost a second slot.
    /// </summary>
    /// <param name="options">What the session needs; <see langword="null"/>: nothing in particular.</param>
    /// <param name="cancellationToken">Stops waiting. A session that was minted meanwhile drops by itself when its token expires.</param>
    /// <exception cref="SessionManagerAuthenticationException">The credential is not good, or not for this.</exception>
    /// <exception cref="UsageException">One of the account's limits is reached; there is a type for each.</exception>
    /// <exception cref="NoStreamerAvailableException">No streamer has room.</exception>
    /// <exception cref="SessionManagerConnectionException">The server cannot be reached.</exception>
    public Task<ClientCredentials> CreateAsync(CreateCredentialsOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new CreateCredentialsOptions();
        var key = options.IdempotencyKey ?? RandomNumberGenerator.GetHexString(IdempotencyKeyCharacters, lowercase: true);
        var body = new MintRequest(options.RegionLatencies, options.NeedsImageToVideo ? new Capabilities(ImageToVideo: true) : null);
        List<(string, string)> headers = [("Idempotency-Key", key)];
        if (options.Wait is { } wait)
            headers.Add(("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={(int)wait.TotalSeconds}")));
        return _connection.SendAsync(
            ApiRequest.Post("credentials", body, ClientJson.Default.MintRequest) with { Headers = headers, IsRepeatable = true },
            ClientJson.Default.ClientCredentials,
            cancellationToken);
    }

    /// <summary>The regions that have a live node, and where each can be pinged. With any credential.</summary>
    public async Task<IReadOnlyList<Region>> GetRegionsAsync(CancellationToken cancellationToken = default) =>
        (await _connection.SendAsync(ApiRequest.Get("regions"), ClientJson.Default.RegionList, cancellationToken).ConfigureAwait(false)).Regions;
}

/// <summary>What a session needs.</summary>
public sealed class CreateCredentialsOptions
{
    /// <summary>Milliseconds to each region, by its id; the nearest with room is chosen. <see langword="null"/>: any.</summary>
    public IReadOnlyDictionary<string, double>? RegionLatencies { get; init; }

    /// <summary>Whether the streamer must be able to start from an image.</summary>
    public bool NeedsImageToVideo { get; init; }

    /// <summary>How long to queue where no streamer is free: whole seconds, up to 30. <see langword="null"/>: not at all.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>
    /// To be able to repeat the mint in another process: 1 to 255 visible ASCII characters; the same key and needs within 24 h give the
    /// same session. <see langword="null"/>: one is made up for this call.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>Where there are streamers.</summary>
/// <param name="Id">As in <see cref="CreateCredentialsOptions.RegionLatencies"/>.</param>
/// <param name="PingUrl">A GET there measures the latency to the region.</param>
public sealed record Region(string Id, string PingUrl);

sealed record MintRequest(IReadOnlyDictionary<string, double>? RegionLatencies, Capabilities? Capabilities);

sealed record RegionList(IReadOnlyList<Region> Regions);
