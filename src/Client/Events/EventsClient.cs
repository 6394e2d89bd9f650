using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SessionManager.Client;

/// <summary>What changes, as it changes. With the scope <c>sessions:read</c>, or a login.</summary>
public sealed class EventsClient
{
    readonly Connection _connection;

    internal EventsClient(Connection connection) => _connection = connection;

    /// <summary>
    /// Follows the account's sessions, nodes and keys; with an administrator's login everyone's. It ends without an error when the
    /// server ends it, as at a restart or when the credential is over; go on from the last event's <see cref="ServerEvent.Id"/>.
    /// </summary>
    /// <param name="lastEventId">Where to go on; <see langword="null"/>: what happens from now on.</param>
    /// <param name="cancellationToken">Stops following.</param>
    /// <exception cref="SessionManagerException">The server refuses, or the connection is lost.</exception>
    public async IAsyncEnumerable<ServerEvent> FollowAsync(
        string? lastEventId = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = ApiRequest.Get("api/events") with { Headers = lastEventId is null ? [] : [("Last-Event-ID", lastEventId)] };
        using var response = await _connection.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var reader = SseParser.Create(stream).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await reader.MoveNextAsync().ConfigureAwait(false))
                    yield break;
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException)
            {
                throw new SessionManagerConnectionException($"The stream of events broke: {problem.Message}", problem);
            }

            if (Read(reader.Current) is { } news)
                yield return news;
        }
    }

    /// <summary>null: of a kind that this client does not know.</summary>
    static ServerEvent? Read(SseItem<string> item)
    {
        var id = string.IsNullOrEmpty(item.EventId) ? null : item.EventId;
        return item.EventType switch
        {
            "ready" => new StreamReadyEvent(id, Parse(item, ClientJson.Default.StreamReady).Resumed),
            "session" => Parse(item, ClientJson.Default.SessionNews) is { } news ? new SessionChangedEvent(id, news.SessionId, news.AccountId, news.Event) : null,
            "node" => Parse(item, ClientJson.Default.NodeNews) is { } news ? new NodeChangedEvent(id, news.NodeId, news.State) : null,
            "key" => Parse(item, ClientJson.Default.KeyNews) is { } news ? new KeyChangedEvent(id, news.KeyId, news.AccountId, news.Action) : null,
            "skipped" => new EventsSkippedEvent(id, Parse(item, ClientJson.Default.EventsSkipped).Count),
            "ping" => new StreamAliveEvent(id),
            _ => null,
        };
    }

    static T Parse<T>(SseItem<string> item, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(item.Data, type) ?? throw new JsonException("null");
        }
        catch (JsonException problem)
        {
            throw new SessionManagerConnectionException("The server did not tell events as a Session Manager does.", problem);
        }
    }
}
