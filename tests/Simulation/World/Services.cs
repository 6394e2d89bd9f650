using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Nodes;
using SessionManager.Randomness;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>What the grains of one process are given. A container of its own kind, because thousands of processes are started.</summary>
sealed class Services(VirtualTime time, Plan plan, ISessionStore sessions, IRandomSource random) : IServiceProvider
{
    static readonly ConcurrentDictionary<Type, object> Loggers = new();
    readonly Dictionary<Type, object> _services = new()
    {
        [typeof(TimeProvider)] = time,
        [typeof(ISessionStore)] = sessions,
        [typeof(IRandomSource)] = random,
        [typeof(IOptions<SessionOptions>)] = Options.Create(plan.Sessions),
        [typeof(IOptions<NodeOptions>)] = Options.Create(plan.Nodes),
        [typeof(IOptions<AccountOptions>)] = Options.Create(plan.Accounts),
    };

    public IGrainFactory Grains { set => _services[typeof(NodeCatalog)] = new NodeCatalog(value, time, NullLogger<NodeCatalog>.Instance); }

    public object? GetService(Type serviceType) => _services.GetValueOrDefault(serviceType)
        ?? (serviceType.IsGenericType && serviceType.GetGenericTypeDefinition() == typeof(ILogger<>) ? Loggers.GetOrAdd(serviceType, NoLogger) : null);

    static object NoLogger(Type logger) => typeof(NullLogger<>).MakeGenericType(logger.GetGenericArguments())
        .GetField(nameof(NullLogger<>.Instance), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
}
