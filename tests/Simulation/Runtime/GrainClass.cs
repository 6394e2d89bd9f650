using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Metadata;
using Orleans.Runtime;

namespace SessionManager.Simulation.Runtime;

/// <summary>A grain class: what Orleans makes of its name and attributes, and how an instance is made.</summary>
sealed class GrainClass
{
    static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<GrainType, GrainClass>> ByAssembly = new();

    GrainClass(Type type)
    {
        Type = OrleansParts.GrainTypes.GetGrainType(type);
        Interfaces = [.. type.GetInterfaces().Where(candidate => candidate.IsAssignableTo(typeof(IGrain)))];
        var properties = new Dictionary<string, string>();
        foreach (var provider in OrleansParts.Services.GetServices<IGrainPropertiesProvider>())
            provider.Populate(type, Type, properties);
        Reentrant = properties.GetValueOrDefault(WellKnownGrainTypeProperties.Reentrant) == "true";
        Activator = new DefaultGrainActivator(OrleansParts.Services, type);
    }

    public GrainType Type { get; }
    public Type[] Interfaces { get; }
    public bool Reentrant { get; }
    public IGrainActivator Activator { get; }

    /// <summary>Every grain class of the assembly.</summary>
    public static IReadOnlyDictionary<GrainType, GrainClass> Of(Assembly assembly) => ByAssembly.GetOrAdd(assembly, static from => from.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && type.IsAssignableTo(typeof(IGrainBase)))
        .Select(type => new GrainClass(type))
        .ToDictionary(grainClass => grainClass.Type));
}
