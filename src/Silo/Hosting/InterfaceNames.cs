using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Serialization.TypeSystem;

namespace SessionManager.Hosting;

/// <summary>
/// Remembers what Orleans calls each grain interface. Orleans looks at the interface's attributes and builds the name again for every
/// reference that it makes, several of them a request. To be registered before Orleans' own.
/// </summary>
sealed class InterfaceNames(IServiceProvider services, TypeConverter types) : IGrainInterfaceTypeProvider
{
    readonly Func<Type, GrainInterfaceType> _resolve =
        new GrainInterfaceTypeResolver([new AttributeGrainInterfaceTypeProvider(services)], types).GetGrainInterfaceType;
    readonly ConcurrentDictionary<Type, GrainInterfaceType> _names = [];

    public bool TryGetGrainInterfaceType(Type type, out GrainInterfaceType name)
    {
        name = _names.GetOrAdd(type, _resolve);
        return true;
    }
}
