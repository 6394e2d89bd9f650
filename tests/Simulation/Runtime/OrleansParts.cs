using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Configuration;
using Orleans.Serialization.Invocation;
using Orleans.Serialization.Serializers;

namespace SessionManager.Simulation.Runtime;

/// <summary>The parts of Orleans that a silo is made of here, from a container that is built once and never started.</summary>
static class OrleansParts
{
    public delegate GrainReference MakeReference(GrainReferenceShared shared, IdSpan key);

    static readonly Dictionary<Type, MakeReference> Proxies;

    static OrleansParts()
    {
        var services = new ServiceCollection();
        services.AddOrleans(silo => silo.UseLocalhostClustering());
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        // It keeps every storage provider that it ever saw: each silo has one of its own.
        StateMap = services.Single(service => service.ServiceType.Name == "StateStorageBridgeSharedMap").ServiceType;
        services.Remove(services.Single(service => service.ServiceType == StateMap));
        Services = services.BuildServiceProvider();
        GrainTypes = Services.GetRequiredService<GrainTypeResolver>();
        InterfaceTypes = Services.GetRequiredService<GrainInterfaceTypeResolver>();
        Codecs = Services.GetRequiredService<CodecProvider>();
        CopyContexts = Services.GetRequiredService<CopyContextPool>();
        Proxies = Services.GetRequiredService<IOptions<TypeManifestOptions>>().Value.InterfaceProxies
            .Where(proxy => proxy.IsAssignableTo(typeof(GrainReference)) && !proxy.ContainsGenericParameters)
            .ToDictionary(MainInterface, Maker);
    }

    public static IServiceProvider Services { get; }
    public static Type StateMap { get; }
    public static GrainTypeResolver GrainTypes { get; }
    public static GrainInterfaceTypeResolver InterfaceTypes { get; }
    public static CodecProvider Codecs { get; }
    public static CopyContextPool CopyContexts { get; }

    /// <exception cref="ArgumentException">Orleans generated no proxy for it.</exception>
    public static MakeReference Proxy(Type grainInterface) =>
        Proxies.GetValueOrDefault(grainInterface) ?? throw new ArgumentException($"There is no proxy for {grainInterface}.");

    /// <summary>What the caller gets: a copy, unless the type cannot change.</summary>
    public static T? CopyResult<T>(Response response)
    {
        var result = response.GetResult<T>();
        if (Copier<T>.Instance is not { } copier)
            return result;
        using var context = CopyContexts.GetContext();
        return copier.DeepCopy(result, context);
    }

    /// <summary>The one that all its other interfaces are bases of.</summary>
    static Type MainInterface(Type proxy) => proxy.GetInterfaces()
        .Where(candidate => candidate.IsAssignableTo(typeof(IAddressable)))
        .MaxBy(candidate => candidate.GetInterfaces().Length)!;

    static MakeReference Maker(Type proxy)
    {
        var shared = Expression.Parameter(typeof(GrainReferenceShared));
        var key = Expression.Parameter(typeof(IdSpan));
        var constructor = proxy.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [typeof(GrainReferenceShared), typeof(IdSpan)])!;
        return Expression.Lambda<MakeReference>(Expression.New(constructor, shared, key), shared, key).Compile();
    }

    static class Copier<T>
    {
        public static readonly IDeepCopier<T>? Instance =
            Codecs.GetDeepCopier<T>() is var copier && copier is IOptionalDeepCopier optional && optional.IsShallowCopyable() ? null : copier;
    }
}
