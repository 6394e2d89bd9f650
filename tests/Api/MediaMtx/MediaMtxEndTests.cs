using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using SessionManager.Tests.Broadcasts;

namespace SessionManager.Tests.MediaMtx;

/// <summary>A broadcast's end at a control API that answers as MediaMTX's description (<c>api/openapi.yaml</c>, version 3) says.</summary>
public class MediaMtxEndTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MediaMTX_drops_readers_and_publisher_of_a_broadcast_that_has_ended_and_nobody_else(bool byOwner)
    {
        var (path, others) = ("", Guid.NewGuid());
        var there = new ConcurrentDictionary<(string Kind, Guid Id), bool>();
        var kicked = new ConcurrentQueue<(string Kind, Guid Id)>();
        await using var media = WebApplication.CreateSlimBuilder().Build();
        media.Urls.Add("http://127.0.0.1:0");
        media.MapGet("/v3/{kind}/list", (string kind, int itemsPerPage, int page) =>
        {
            // RTMP is turned off there.
            if (kind is not ("webrtcsessions" or "hlssessions"))
                return Results.NotFound();
            var ids = there.Keys.Where(key => key.Kind == kind).Select(key => key.Id).Append(others).ToArray();
            // A page of one each, whatever is asked for: so there are several.
            return Results.Json(new
            {
                itemCount = ids.Length,
                pageCount = ids.Length,
                items = ids.Skip(page).Take(1).Select(id => new
                {
                    id,
                    created = "2026-01-01T00:00:00Z",
                    remoteAddr = "1.2.3.4:5",
                    state = "read",
                    query = "",
                    path = id == others ? "broadcasts/other" : path,
                }),
            });
        });
        media.MapPost("/v3/{kind}/kick/{id:guid}", (string kind, Guid id) =>
        {
            kicked.Enqueue((kind, id));
            return there.TryRemove((kind, id), out _) ? Results.Json(new { status = "ok" }) : Results.NotFound();
        });
        await media.StartAsync();

        await using var server = await TestBroadcast.StartServer("--MediaMtx:ApiUrl", media.Urls.Single());
        await using var broadcast = await TestBroadcast.Start(server);
        path = $"broadcasts/{broadcast.Id}";
        (string Kind, Guid Id)[] expected = [("webrtcsessions", Guid.NewGuid()), ("webrtcsessions", Guid.NewGuid()), ("hlssessions", Guid.NewGuid())];
        foreach (var one in expected)
            there[one] = true;
        if (byOwner)
            await broadcast.Owner.Delete($"/api/broadcasts/{broadcast.Id}").Json();
        else
            await broadcast.Stream.Caller.Delete($"/api/sessions/{broadcast.Session.Id}").Json();

        await Eventually.Holds("nobody is there any more", TimeSpan.FromSeconds(30), () => Task.FromResult(there.IsEmpty));
        Assert.Equal(expected.Order(), kicked.Order());
    }
}
