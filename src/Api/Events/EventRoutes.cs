using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SessionManager.Api.Auth;
using SessionManager.Api.Errors;
using SessionManager.Api.Json;
using SessionManager.Api.Validation;
using SessionManager.Changes;
using SessionManager.Errors;
using SessionManager.Keys;

namespace SessionManager.Api.Events;

static class EventRoutes
{
    const string LastEventId = "Last-Event-ID";
    const string AboutLastEventId = "The id of the last event seen: everything since comes first. Left out: the stream begins now.";
    const int Buffer = 1_000;

    /// <summary>Someone who was away longer reads the lists again instead.</summary>
    const int MostCaughtUp = 10_000;
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/events", Follow).Access(Access.Bearer(Scopes.SessionsRead)).WithTags("Events")
            .DisableRequestTimeout().Refuses(ErrorCatalogue.InvalidValue);

    /// <summary>Tells of sessions, nodes and keys as they change, on whichever process: Server-Sent Events, late by a second at most.</summary>
    /// <remarks>
    /// Yours; an administrator's login hears of everyone's. Events are `ready` (the stream stands), `session` (`session_id`,
    /// `account_id` and the `event` that its timeline got), `node` (its new `state`, also `deleted`), `key` (what was done to it; to
    /// logins), `skipped` (you were too slow, or away for too long: read again what you show) and `ping` (every 10 s without another).
    /// After a lost connection send the last `id` as `Last-Event-ID`. The stream ends when the credential does.
    /// </remarks>
    internal static async Task<Results<ServerSentEventsResult<string>, Problem>> Follow(
        [FromHeader(Name = LastEventId), System.ComponentModel.Description(AboutLastEventId)] string? lastEventId,
        Caller caller, EventHub hub, IChangeFeed changes, CredentialResolver credentials, IHostApplicationLifetime lifetime, HttpContext http)
    {
        if (lastEventId is { Length: > 0 })
        {
            try
            {
                await changes.After(new(lastEventId, null), 1, http.RequestAborted);
            }
            catch (FormatException)
            {
                var check = new Validator();
                check.That(false, LastEventId, "must be the id of an event");
                return check.Problem!;
            }
        }

        http.Response.Headers.CacheControl = "no-store";
        // Proxies would wait for more before they pass it on.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        http.Response.RegisterForDispose(ends);
        return TypedResults.ServerSentEvents(Stream(lastEventId, caller, hub, changes, credentials, http, ends.Token));
    }

    static async IAsyncEnumerable<SseItem<string>> Stream(
        string? lastEventId, Caller caller, EventHub hub, IChangeFeed changes, CredentialResolver credentials, HttpContext http,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var subscription = new Subscription(news => Concerns(caller, news), Buffer);
        try
        {
            var here = await hub.Subscribe(subscription, cancellation);
            var seen = new HashSet<string>();
            yield return Item("ready", JsonSerializer.Serialize(new StreamReady(lastEventId is { Length: > 0 }), ApiJson.Wire.StreamReady), lastEventId is { Length: > 0 } ? lastEventId : here);
            if (lastEventId is { Length: > 0 } cursor)
            {
                // Past the place where following stood when this one joined it: what came since waits in the buffer, and is told once.
                for (var caughtUp = 0; ; caughtUp += EventHub.Reading)
                {
                    var (events, _, next) = await changes.After(new(cursor, null), EventHub.Reading, cancellation);
                    if (caughtUp >= MostCaughtUp)
                    {
                        subscription.Skip(events.Length);
                        break;
                    }

                    foreach (var news in events.Select(EventHub.Of))
                    {
                        seen.Add(news.Identity!);
                        if (subscription.Concerns(news))
                            yield return Item(news.Type, news.Json, news.Cursor);
                    }

                    cursor = next.Events;
                    if (events.Length < EventHub.Reading)
                        break;
                }
            }

            while (await Await(subscription, cancellation) is var isNews && !cancellation.IsCancellationRequested)
            {
                // Nothing is told to a credential that is dead by now.
                if (!await IsAlive(caller, credentials, http))
                    yield break;
                if (!isNews)
                {
                    yield return Item("ping", "{}", null);
                    continue;
                }

                var (news, skipped) = subscription.Take();
                if (skipped > 0)
                    yield return Item("skipped", JsonSerializer.Serialize(new EventsSkipped(skipped), ApiJson.Wire.EventsSkipped), null);
                foreach (var item in news)
                {
                    if (item.Identity is null || !seen.Remove(item.Identity))
                        yield return Item(item.Type, item.Json, item.Cursor);
                }
            }
        }
        finally
        {
            hub.Unsubscribe(subscription);
        }
    }

    static bool Concerns(Caller caller, ServerEvent news) =>
        (news.AccountId == caller.AccountId || caller is { KeyId: null, Account.IsAdmin: true }) && news.Type switch
        {
            "node" => caller.KeyId is null || caller.Scopes.Contains(Scopes.NodesRead),
            "key" => caller.KeyId is null,
            _ => true,
        };

    /// <summary>True for news, false where it has been quiet for a while, or is over.</summary>
    static async Task<bool> Await(Subscription subscription, CancellationToken cancellation)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        quiet.CancelAfter(Quiet);
        try
        {
            await subscription.Wait(quiet.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Whether it still opens this route, and as much of it: who administers no more hears no more of others.</summary>
    static async Task<bool> IsAlive(Caller caller, CredentialResolver credentials, HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        var found = await credentials.Resolve(header[(header.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim(), metered: false, http.Connection.RemoteIpAddress);
        return found.Ok && found.Value!.Account.IsAdmin == caller.Account.IsAdmin && Access.Bearer(Scopes.SessionsRead).Judge(found.Value) is null;
    }

    static SseItem<string> Item(string type, string json, string? id) => new(json, type) { EventId = id };
}
