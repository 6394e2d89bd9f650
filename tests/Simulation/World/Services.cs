using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Storage;
using SessionManager.InProcess;
using SessionManager.Journal;
using SessionManager.Nodes;
using SessionManager.Randomness;

namespace SessionManager.Simulation;

/// <summary>What the grains of one process are given. A container of its own kind, because thousands of processes are started.</summary>
sealed class Services(VirtualTime time, Plan plan, IGrainStorageSerializer serializer, ISessionJournal journal, IRandomSource random)
    : IServiceProvider
{
    NodeCatalog? _catalog;

    public InProcessEngine? Engine { get; set; }

    public object? GetService(Type serviceType)
    {
        if (serviceType == typeof(TimeProvider))
            return time;
        if (serviceType == typeof(IGrainStorageSerializer))
            return serializer;
        if (serviceType == typeof(ISessionJournal))
            return journal;
        if (serviceType == typeof(IRandomSource))
            return random;
        if (serviceType == typeof(IGrainFactory))
            return Engine;
        if (serviceType == typeof(NodeCatalog))
            return _catalog ??= new NodeCatalog(Engine!, time);
        if (serviceType.IsGenericType && serviceType.GetGenericTypeDefinition() == typeof(IOptions<>))
            return OptionsOf(serviceType.GetGenericArguments()[0]);
        if (serviceType.IsGenericType && serviceType.GetGenericTypeDefinition() == typeof(ILogger<>))
            return Loggers.GetOrAdd(serviceType, static type => typeof(NullLogger<>).MakeGenericType(type.GetGenericArguments())
                .GetField(nameof(NullLogger<>.Instance), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!);
        return null;
    }

    static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, object> Loggers = new();

    object? OptionsOf(Type type)
    {
        object? options = type == typeof(SessionManager.Options.SessionOptions) ? Microsoft.Extensions.Options.Options.Create(plan.Sessions)
            : type == typeof(SessionManager.Options.NodeOptions) ? Microsoft.Extensions.Options.Options.Create(plan.Nodes)
            : type == typeof(SessionManager.Options.AccountOptions) ? Microsoft.Extensions.Options.Options.Create(plan.Accounts)
            : null;
        return options;
    }
}
