using System.Collections.Immutable;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>A streaming node: registers, heartbeats, dies, comes back knowing less or more than it should, is drained, is deleted.</summary>
sealed class NodeActor(World world, string id, Rng rng)
{
    const string Owner = "usr_nodes";
    readonly TaskCompletionSource _registered = new();
    readonly bool _imageToVideo = rng.Chance(0.5);

    // Most are reached through the built-in gateway; a client finds its session again at no other address than it was given.
    readonly string? _signalingUrl = rng.Pick(null, null, null, "wss://shared.example", $"wss://{id}.example");
    bool _stopped;
    bool _behaves;

    public string Id { get; } = id;

    /// <summary>By session: the connection it streams to.</summary>
    public SortedDictionary<string, string> Streaming { get; } = new(StringComparer.Ordinal);

    public bool IsUp { get; private set; } = true;

    public Task Registered => _registered.Task;

    TimeSpan Lease => TimeSpan.FromSeconds(world.Plan.Nodes.LeaseSeconds);

    NodeModel Model => world.Oracle.Node(Id);

    int _capacity;

    public void BehaveFromNowOn() => _behaves = true;

    public void Stop() => _stopped = true;

    public async Task Run()
    {
        _capacity = rng.Between(1, 12) * world.Plan.Crowd;
        world.Oracle.AddNode(Id, _capacity);
        await Register();
        _registered.SetResult();
        while (!_stopped)
        {
            await world.Delay(Lease / 3);
            if (!_behaves && world.Plan.Has(Fault.Nodes) && rng.Chance(world.Plan switch { { Emphasis: Emphasis.Cuts } => 0.06, { IsDense: true } => 0.02, _ => 0.002 }))
                await Misbehave();
            if (!_stopped)
                await Heartbeat();
        }

        // Some say goodbye, some are only not heard of any more.
        Streaming.Clear();
        IsUp = false;
        Model.IsOpen = false;
        if (rng.Chance(0.3))
            await Delete();
    }

    /// <summary>A client is at the node's door with a token for the session.</summary>
    public async Task<bool> Connect(string sessionId, string connectionId)
    {
        if (!IsUp)
            return false;
        for (var attempt = 0; attempt < 3 && IsUp; attempt++)
        {
            var reply = await ReportConnected(sessionId, connectionId);
            if (reply.Known)
            {
                if (reply.Value.Refusal is not null || !IsUp)
                    return false;
                // A repeat of a connection that has ended since is none.
                if (world.Oracle.Session(sessionId).Stored?.ConnectionId == connectionId)
                    Streaming[sessionId] = connectionId;
                return true;
            }

            await world.Delay(rng.Seconds(0, 2));
        }

        // It never learned whether it may stream: it does not, and says so once.
        await Disconnect(sessionId, connectionId, clean: false);
        return false;
    }

    public async Task<Reply<Errors.Result<Session>>> ReportConnected(string sessionId, string connectionId)
    {
        world.Oracle.Session(sessionId).FirstReported.TryAdd(connectionId, world.Now);
        var reply = await world.Claim(world.Oracle.Session(sessionId), $"connected {Id} {sessionId} {connectionId}", grains =>
            grains.GetGrain<INodeGrain>(Id).Connected(Owner, sessionId, connectionId));
        if (reply.Known)
            world.Oracle.ConnectAnswered(world.Oracle.Session(sessionId), Id, connectionId, reply.Value, reply.Window);
        return reply;
    }

    public async Task<bool> Disconnect(string sessionId, string connectionId, bool clean)
    {
        if (Streaming.GetValueOrDefault(sessionId) == connectionId)
            Streaming.Remove(sessionId);
        var session = world.Oracle.Session(sessionId);
        (clean ? session.CleanAsked : session.LostAsked).Add(connectionId);
        var reply = await world.Call($"disconnected {Id} {sessionId} {connectionId} {(clean ? "clean" : "lost")}", grains =>
            grains.GetGrain<INodeGrain>(Id).Disconnected(Owner, sessionId, connectionId, clean));
        if (reply.Known)
            world.Oracle.DisconnectAnswered(session, connectionId, reply.Value, reply.Window);
        return reply.Known;
    }

    async Task Register()
    {
        while (!_stopped)
        {
            var registration = new NodeRegistration
            {
                Region = Id,
                Model = "m",
                Capacity = _capacity,
                Capabilities = _imageToVideo ? new Capabilities(true) : null,
                SignalingUrl = _signalingUrl,
            };
            Model.Capacity.Asked(world.Oracle.Stamp(), _capacity);
            Model.LargestCapacity = Math.Max(Model.LargestCapacity, _capacity);
            Model.ImageToVideo = _imageToVideo;
            Model.SignalingUrl = _signalingUrl;
            var reply = await world.Call($"register {Id} {_capacity}", grains =>
            {
                Model.LastReport = world.Time.Elapsed;
                return grains.GetGrain<INodeGrain>(Id).Register(Owner, registration);
            });
            if (reply is { Known: true, Value.Ok: true })
            {
                Model.Capacity.Answered(world.Oracle.Stamp());
                Model.Heard(reply.Window.Sent, world.Time.Elapsed, Lease);
                Model.IsOpen = true;
                return;
            }

            await world.Delay(rng.Seconds(0.1, 1));
        }
    }

    async Task Heartbeat()
    {
        var streaming = Streaming.ToImmutableSortedDictionary(StringComparer.Ordinal);
        world.Oracle.LeavesOut(Id, streaming);
        var reply = await world.Call($"heartbeat {Id} [{string.Join(' ', streaming.Keys)}]", grains =>
        {
            Model.LastReport = world.Time.Elapsed;
            return grains.GetGrain<INodeGrain>(Id).Heartbeat(Owner, [.. streaming.Keys], null);
        });
        if (!reply.Known)
            return;
        if (reply.Value.Refusal is not null)
        {
            await Register();
            return;
        }

        if (reply.Window.To == world.Engine)
            Model.Heard(reply.Window.Sent, world.Time.Elapsed, Lease);
        world.Oracle.HeartbeatAnswered(Model, streaming, reply.Value.Value!, reply.Window);
        foreach (var sessionId in reply.Value.Value!.Drop)
        {
            if (streaming.TryGetValue(sessionId, out var connectionId) && Streaming.GetValueOrDefault(sessionId) == connectionId)
                Streaming.Remove(sessionId);
        }
    }

    async Task Misbehave()
    {
        switch (rng.Below(6))
        {
            case 0 or 1:
                await Die();
                break;
            case 2:
                // Only the network between: it streams on and comes back with what it had.
                if (world.Plan.Emphasis == Emphasis.Cuts)
                    await BeGivenUp();
                else
                    await world.Delay(Lease * (rng.Unit() * 3));
                break;
            case 3:
                Model.IsOpen = false;
                await world.Call($"drain {Id}", grains => grains.GetGrain<INodeGrain>(Id).Drain(Owner));
                for (var i = rng.Between(1, 10); i > 0 && !_stopped; i--)
                {
                    await world.Delay(Lease / 3);
                    await Heartbeat();
                }

                while (!_stopped && !(await world.Call($"undrain {Id}", grains => grains.GetGrain<INodeGrain>(Id).Undrain(Owner))).Known)
                    await world.Delay(rng.Seconds(0.1, 1));
                Model.IsOpen = !_stopped;
                break;
            case 4:
                await Delete();
                await world.Delay(rng.Seconds(0, 60));
                Streaming.Clear();
                await Register();
                Model.DeleteAsked = false;
                break;
            case 5:
                _capacity = rng.Between(1, 12) * world.Plan.Crowd;
                await Register();
                break;
        }
    }

    /// <summary>Its sessions are being moved when it comes back; some of what that writes may be cut off.</summary>
    async Task BeGivenUp()
    {
        await world.Delay(Model.LastReport + Lease - TimeSpan.FromMilliseconds(rng.Between(5, 40)) - world.Time.Elapsed);
        if (world.Oracle.Sessions().FirstOrDefault(session =>
            session is { IsAcknowledged: true, Stored: { State: SessionState.Provisioned, TokenExpiresAt: null } } && session.Stored.NodeId == Id) is { } waiting)
            _ = world.Outside.Start(() => TokenTakesLong(waiting));
        await world.Delay(Model.LastReport + Lease - world.Time.Elapsed);
        if (rng.Chance(0.5))
            world.Database.Aim(rng.Between(1, 10), world.Plan.Faults, rng);
        await world.Delay(rng.Seconds(0, rng.Chance(0.8) ? 0.05 : 1));
    }

    /// <summary>A session that is told to move is busy still, and moves when the node is back.</summary>
    async Task TokenTakesLong(SessionModel session)
    {
        world.Database.SlowDown(session.Id, world.Plan.Faults);
        var reply = await world.Claim(session, $"token {session.Id}", grains =>
            grains.GetGrain<ISessionGrain>(session.Id).IssueToken(session.Stored!.AccountId));
        if (reply.Known)
            world.Oracle.TokenAnswered(session, reply.Value, reply.Window);
    }

    async Task Die()
    {
        IsUp = false;
        Model.IsOpen = false;
        // What a node remembers after a death is not always nothing.
        if (rng.Chance(0.7))
            Streaming.Clear();
        await world.Delay(rng.Chance(0.3) ? rng.Seconds(0, Lease.TotalSeconds) : Lease * (1 + rng.Unit() * 20));
        IsUp = true;
        if (rng.Chance(0.7))
            await Register();
        else
            Model.IsOpen = true;
    }

    async Task Delete()
    {
        Model.IsOpen = false;
        Model.DeleteAsked = true;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            if ((await world.Call($"delete {Id}", grains => grains.GetGrain<INodeGrain>(Id).Delete(Owner))).Known)
                return;
            await world.Delay(rng.Seconds(0.1, 2));
        }
    }
}
