using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace SessionManager.Tests.Events;

/// <summary>A listener to <c>/api/events</c>.</summary>
sealed class EventStream : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    readonly HttpResponseMessage _response;
    readonly IAsyncEnumerator<SseItem<string>> _events;

    EventStream(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _events = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();
    }

    /// <summary>The last id that was told.</summary>
    public string? LastId { get; private set; }

    /// <summary>Opens it and waits until it stands.</summary>
    public static async Task<EventStream> Open(TestServer server, string credential, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var stream = new EventStream(response, await response.Content.ReadAsStreamAsync());
        var ready = await stream.Next("ready");
        Assert.Equal(lastEventId is not null, ready["resumed"]!.GetValue<bool>());
        return stream;
    }

    /// <summary>The next event of that type that fits; others are passed over.</summary>
    public async Task<JsonObject> Next(string type, Func<JsonObject, bool>? fits = null)
    {
        while (await Move())
        {
            if (_events.Current.EventType == type && JsonNode.Parse(_events.Current.Data)!.AsObject() is { } data && fits?.Invoke(data) != false)
                return data;
        }

        throw new InvalidOperationException($"The stream ended before a {type} came.");
    }

    /// <summary>Everything told before the stream ends by itself.</summary>
    public async Task<List<string>> UntilEnd()
    {
        List<string> told = [];
        while (await Move())
            told.Add(_events.Current.EventType);
        return told;
    }

    async Task<bool> Move()
    {
        if (!await _events.MoveNextAsync().AsTask().WaitAsync(Patience))
            return false;
        LastId = string.IsNullOrEmpty(_events.Current.EventId) ? LastId : _events.Current.EventId;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        try
        {
            await _events.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // It was being read.
        }
    }
}
