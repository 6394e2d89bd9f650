using System.Reflection;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Tokens;
using SessionManager.Keys;
using SessionManager.Nodes;
using SessionManager.Randomness;
using SessionManager.Sessions;
using SessionManager.Signing;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;

namespace SessionManager.Parts;

/// <summary>What a mint is made of, each by itself: the key's check, the decision, the commit and the token.</summary>
[MemoryDiagnoser]
public class MintParts
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly SystemRandomSource random = new();
    readonly SessionOptions options = new();
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("parts");
    readonly Node node = new() { NodeId = "node", OwnerId = "usr_a", Region = "region", Model = "model", Capacity = 1, Used = 0 };
    string key = "";
    TokenService tokens = null!;
    ServiceProvider services = null!;
    ISessionStore store = null!;
    Fence account;
    Fence place;

    [GlobalSetup]
    public async Task SetUp()
    {
        key = KeyFormat.Create(random);
        tokens = new TokenService(new SigningKeyCache(OneSigningKey.Grains(), TimeProvider.System), Options.Create(new TokenOptions()), random, TimeProvider.System);
        services = new ServiceCollection()
            .AddSingleton(TimeProvider.System).AddLogging().AddOptions()
            .AddStorage(_ => new SqliteFile(Path.Combine(folder.FullName, "parts.db")))
            .BuildServiceProvider();
        foreach (var service in services.GetServices<IHostedService>())
            await service.StartAsync(CancellationToken.None);
        store = services.GetRequiredService<ISessionStore>();
        account = (await store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        place = (await store.TakeOwnership(OwnerKind.Node, node.NodeId)).Fence;
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await services.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Benchmark]
    public string CheckKey() => KeyFormat.IsWellFormed(key) ? KeyFormat.IdOf(KeyFormat.Hash(key)) : "";

    [Benchmark]
    public SessionChange Decide() => Mint();

    [Benchmark]
    public async Task<WriteOutcome> Commit() => (await store.Insert(Mint(), account, place)).Outcome;

    [Benchmark]
    public async Task<string> SignToken() => await tokens.ForSession("usr_a", "ses_a", Now, Now.AddSeconds(600));

    SessionChange Mint() => SessionMachine.Mint(
        new MintRequest { SessionId = SessionIds.Random(random), WithToken = true }, "usr_a", node, Now, options);
}

/// <summary>A grain factory that knows the signing keys' grain and nothing else.</summary>
public class OneSigningKey : DispatchProxy
{
    static readonly SigningKeySet Keys = new(
        [new("key", [.. ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKey()], DateTimeOffset.UnixEpoch)], DateTimeOffset.MaxValue);

    public static IGrainFactory Grains() => Create<IGrainFactory, OneSigningKey>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        nameof(IGrainFactory.GetGrain) => Create<ISigningKeysGrain, OneSigningKey>(),
        nameof(ISigningKeysGrain.Get) => Task.FromResult(Keys),
        _ => throw new NotSupportedException(targetMethod?.Name),
    };
}
