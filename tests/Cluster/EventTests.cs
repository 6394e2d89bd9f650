using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace SessionManager.Tests;

/// <summary>What happens through one front end is told by the other, and a stream goes on at whichever is there.</summary>
[Collection(SharedCluster.Name)]
public sealed class EventTests(PlainCluster fixture) : ClusterTest(fixture)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly HttpClient Http = new() { Timeout = Timeout.InfiniteTimeSpan };

    [ClusterFact]
    public async Task A_stream_tells_what_happens_at_the_other_front_end_and_goes_on_there_without_a_gap()
    {
        var (here, there) = (Cluster.Apis[0], Cluster.Apis[1]);
        var account = await Roster.Make(limit: 10);
        using var patience = new CancellationTokenSource(Patience);
        var first = await Mint(here, account);
        string? last = null;
        await foreach (var news in Follow(there, account.Login, null, patience.Token))
        {
            if (news.EventType == "ready")
                first = await Mint(here, account);
            last = string.IsNullOrEmpty(news.EventId) ? last : news.EventId;
            if (Is(news, first, "token_issued"))
                break;
        }

        // While nobody listens.
        var (missed, key) = (await Mint(there, account), await Mint(here, account));
        List<string> told = [];
        await foreach (var news in Follow(here, account.Login, last, patience.Token))
        {
            if (news.EventType == "session")
                told.Add(JsonNode.Parse(news.Data)!["session_id"]!.GetValue<string>());
            if (Is(news, key, "token_issued"))
                break;
        }

        Assert.DoesNotContain(first, told);
        Assert.Equal(2, told.Count(session => session == missed));
        Assert.Equal(2, told.Count(session => session == key));
    }

    static bool Is(SseItem<string> news, string session, string type) =>
        news.EventType == "session" && JsonNode.Parse(news.Data) is { } data && (string?)data["session_id"] == session && (string?)data["event"]!["type"] == type;

    static async Task<string> Mint(Uri api, Account account) =>
        (await Wire.Get<Minted>(HttpMethod.Post, api, "/credentials", account.Key)).SessionId;

    static async IAsyncEnumerable<SseItem<string>> Follow(Uri api, string login, string? last, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api, "/api/events"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", login);
        if (last is not null)
            request.Headers.Add("Last-Event-ID", last);
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        await foreach (var news in SseParser.Create(await response.Content.ReadAsStreamAsync(cancellation)).EnumerateAsync(cancellation))
            yield return news;
    }

    sealed record Minted(string SessionId);
}
