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

    readonly SystemRandomSource _random = new();
    readonly SessionOptions _options = new();
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("parts");
    readonly Node _node = new() { NodeId = "node", OwnerId = "usr_a", Region = "region", Model = "model", Capacity = 1, Used = 0 };
    string _key = "";
    TokenService _tokens = null!;
    ServiceProvider _services = null!;
    ISessionStore _store = null!;
    Fence _account;
    Fence _place;

    [GlobalSetup]
    public async Task SetUp()
    {
        _key = KeyFormat.Create(_random);
        _tokens = new TokenService(new SigningKeyCache(OneSigningKey.Grains(), TimeProvider.System), Options.Create(new TokenOptions()), _random, TimeProvider.System);
        _services = new ServiceCollection()
            .AddSingleton(TimeProvider.System).AddLogging().AddOptions()
            .AddStorage(_ => new SqliteFile(Path.Combine(_folder.FullName, "parts.db")))
            .BuildServiceProvider();
        foreach (var service in _services.GetServices<IHostedService>())
            await service.StartAsync(CancellationToken.None);
        _store = _services.GetRequiredService<ISessionStore>();
        _account = (await _store.TakeOwnership(OwnerKind.Account, "usr_a")).Fence;
        _place = (await _store.TakeOwnership(OwnerKind.Node, _node.NodeId)).Fence;
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Benchmark]
    public string CheckKey() => KeyFormat.IsWellFormed(_key) ? KeyFormat.IdOf(KeyFormat.Hash(_key)) : "";

    [Benchmark]
    public SessionChange Decide() => Mint();

    [Benchmark]
    public async Task<WriteOutcome> Commit() => (await _store.Insert(Mint(), _account, _place)).Outcome;

    [Benchmark]
    public async Task<string> SignToken() => await _tokens.ForSession("usr_a", "ses_a", Now, Now.AddSeconds(600));

    SessionChange Mint() => SessionMachine.Mint(
        new MintRequest { SessionId = SessionIds.Random(_random), WithToken = true }, "usr_a", _node, Now, _options);
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
