using System.Reflection;
using Orleans;
using Orleans.Runtime;
using SessionManager.Accounts;

namespace SessionManager.Tests.Durability;

public sealed class StateNameTests
{
    /// <summary>ADO.NET storage finds a record by state name and grain key alone: a user and their account share the key.</summary>
    [Fact]
    public void Each_grain_keeps_its_state_under_the_name_of_its_type_so_that_no_two_share_a_record()
    {
        var grains = typeof(AccountGrain).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Grain)) && !type.IsAbstract);
        var states =
            from grain in grains
            from parameter in grain.GetConstructors().Single().GetParameters()
            let state = parameter.GetCustomAttribute<PersistentStateAttribute>()
            where state is not null
            select (Grain: grain.GetCustomAttribute<GrainTypeAttribute>()!, State: state.StateName);

        Assert.NotEmpty(states);
        Assert.All(states, pair => Assert.Equal(new GrainTypeAttribute(pair.State), pair.Grain));
    }
}
