using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionManager.Broadcasts;

namespace SessionManager.MediaMtx;

/// <summary>
/// Ends viewers by MediaMTX's control API, version 3: it lists the sessions or connections of each protocol that is turned on, and takes
/// an order to end each. New ones it asks about first, or their token is looked at, so it is only about those who are there.
/// </summary>
sealed partial class MediaMtxServer : IMediaServer, IDisposable
{
    const int ItemsPerPage = 1_000;

    /// <summary>What the API calls the readers and publishers of each protocol.</summary>
    static readonly ImmutableArray<string> Kinds =
        ["webrtcsessions", "hlssessions", "rtspsessions", "rtspssessions", "rtmpconns", "rtmpsconns", "srtconns", "moqsessions"];

    /// <summary>Who was let in just before the end is listed by then.</summary>
    static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(5);

    readonly HttpClient? _http;
    readonly TimeProvider _time;
    readonly ILogger _logger;

    public MediaMtxServer(IOptions<MediaMtxOptions> options, TimeProvider time, ILogger<MediaMtxServer> logger)
    {
        (_time, _logger) = (time, logger);
        if (options.Value.ApiUrl is { Length: > 0 } url)
            _http = new HttpClient
            {
                BaseAddress = new Uri(url.TrimEnd('/') + "/v3/"),
                Timeout = TimeSpan.FromSeconds(options.Value.RequestSeconds),
            };
    }

    /// <summary>null: it is one, or none is given.</summary>
    public static string? WhyNoAddress(MediaMtxOptions options) =>
        string.IsNullOrEmpty(options.ApiUrl) || Uri.TryCreate(options.ApiUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? null
            : $"MediaMtx__ApiUrl is '{options.ApiUrl}'; it must be an address like http://127.0.0.1:9997.";

    public async Task End(string path)
    {
        if (_http is null)
            return;
        await EndThoseThere(path);
        await Task.Delay(SecondLook, _time);
        await EndThoseThere(path);
    }

    public void Dispose() => _http?.Dispose();

    Task EndThoseThere(string path) => Task.WhenAll(Kinds.Select(kind => EndThoseThere(kind, path)));

    async Task EndThoseThere(string kind, string path)
    {
        try
        {
            foreach (var id in await List(kind, path))
            {
                using var answer = await _http!.PostAsync(new Uri($"{kind}/kick/{id}", UriKind.Relative), null);
                // One that has left by itself is as good.
                if (answer.StatusCode != HttpStatusCode.NotFound)
                    answer.EnsureSuccessStatusCode();
            }
        }
        catch (Exception exception)
        {
            LogNotEnded(_logger, path, kind, exception);
        }
    }

    /// <summary>All pages before the first is ended: that moves the others.</summary>
    async Task<List<Guid>> List(string kind, string path)
    {
        var found = new List<Guid>();
        for (var page = 0; ; page++)
        {
            using var answer = await _http!.GetAsync(new Uri($"{kind}/list?itemsPerPage={ItemsPerPage}&page={page}", UriKind.Relative));
            // The protocol is turned off, or that version does not have it.
            if (answer.StatusCode == HttpStatusCode.NotFound)
                return found;
            answer.EnsureSuccessStatusCode();
            var list = await answer.Content.ReadFromJsonAsync<Listed>();
            found.AddRange(list!.Items.Where(item => item.Path == path).Select(item => item.Id));
            if (page + 1 >= list.PageCount)
                return found;
        }
    }

    /// <summary>What is read of a list; each protocol adds its own.</summary>
    sealed record Listed(int PageCount, ImmutableArray<Item> Items);

    sealed record Item(Guid Id, string? Path);

    [LoggerMessage(551, LogLevel.Warning, "MediaMTX did not end those of {Path} among its {Kind}.")]
    static partial void LogNotEnded(ILogger logger, string path, string kind, Exception exception);
}
