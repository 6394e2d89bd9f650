using Microsoft.Extensions.DependencyInjection;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;
using SessionManager.Tests.Cluster;

namespace SessionManager.Tests.Sessions;

/// <summary>Accounts, nodes and sessions together, in a silo of Orleans and on a store of SQLite.</summary>
public abstract class SessionsOnSilo : IAsyncLifetime
{
    protected const string Account = "usr_a";
    protected const string Owner = "usr_o";
    protected const int LeaseSeconds = 100;
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(20);
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("life");
    int _minted;

    protected GrainCluster Cluster { get; private set; } = null!;

    protected IAccountGrain Mints => Cluster.Grain<IAccountGrain>(Account);
    protected ISessionStore Store => Cluster.Silos[0].ServiceProvider.GetRequiredService<ISessionStore>();

    public async Task InitializeAsync()
    {
        Cluster = await GrainCluster.Start(services: services => services
            .AddSingleton<NodeCatalog>()
            .Configure<NodeOptions>(nodes => nodes.LeaseSeconds = LeaseSeconds)
            .Configure<ReminderOptions>(reminders => reminders.MinimumReminderPeriod = TimeSpan.FromSeconds(1))
            .AddStorage(_ => new SqliteFile(Path.Combine(_folder.FullName, "sessions.db"))));
        await Mints.Open(new AccountSettings { KeysEnabled = true });
    }

    public async Task DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    protected SessionRow Row(string sessionId) => Store.Find(sessionId).GetAwaiter().GetResult()!;

    /// <summary>The node n-1 lives on meanwhile and streams those sessions.</summary>
    protected async Task Pass(TimeSpan time, params string[] streaming)
    {
        for (var left = time; left > TimeSpan.Zero;)
        {
            var step = left < Beat ? left : Beat;
            await Cluster.Advance(step);
            left -= step;
            await Node("n-1").Heartbeat(Owner, [.. streaming], null);
        }
    }

    /// <summary>A process that is gone has stored that the node is lost, and nobody has noticed yet.</summary>
    protected async Task TakeForLost(string nodeId)
    {
        await Cluster.End(Node(nodeId));
        var registration = new NodeRegistration { Region = "eu", Model = "m", Capacity = 10 };
        Cluster.Store.Overwrite(Node(nodeId), "node", NodeRecord.Deleted.Register(Owner, registration).Lose(Cluster.Clock.GetUtcNow()));
    }

    /// <summary>Nothing is heard of the node n-1 for as long as its lease lasts; of the others it is.</summary>
    protected async Task Lose()
    {
        for (var passed = TimeSpan.Zero; passed <= TimeSpan.FromSeconds(LeaseSeconds); passed += Beat)
        {
            foreach (var other in new[] { "n-2", "n-3" })
                await Node(other).Heartbeat(Owner, [], null);
            await Cluster.Advance(Beat);
        }

        Assert.False((await Node("n-1").Get())!.Live);
    }

    protected async Task Register(string nodeId, int capacity = 10, string? address = null)
    {
        var lease = await Node(nodeId).Register(
            Owner, new NodeRegistration { Region = "eu", Model = "m", Capacity = capacity, SignalingUrl = address });
        Assert.True(lease.Ok);
        // A mint chooses from a copy of the directory that is this old at most.
        await Cluster.Advance(TimeSpan.FromMilliseconds(300));
    }

    protected async Task<string> Mint()
    {
        var minted = await TryMint(NewId());
        Assert.True(minted!.Value.Ok, minted.Value.Refusal?.Code);
        return minted.Value.Value!.Session.SessionId;
    }

    /// <summary>A session that is connected, on the node n-1.</summary>
    protected async Task<string> Stream()
    {
        await Register("n-1");
        var session = await Mint();
        Assert.True((await Node("n-1").Connected(Owner, session, "c")).Ok);
        return session;
    }

    /// <summary>null: the activation ended.</summary>
    protected async Task<Result<Minted>?> TryMint(string sessionId)
    {
        try
        {
            return await Mints.Mint(new MintRequest { SessionId = sessionId, WithToken = true });
        }
        catch (Orleans.Runtime.OrleansException)
        {
            return null;
        }
    }

    protected string NewId() => $"ses_{++_minted}";

    protected INodeGrain Node(string nodeId) => Cluster.Grain<INodeGrain>(nodeId);

    protected ISessionGrain Session(string sessionId) => Cluster.Grain<ISessionGrain>(sessionId);
}
