using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>The activations of one stateless worker grain. A request goes to one that is free, or to a new one up to the limit.</summary>
sealed class StatelessWorkers(InProcessEngine engine, GrainClass grainClass, GrainId id)
{
    readonly Lock _lock = new();
    readonly List<(Activation Activation, int Load)> _workers = [];
    bool _closed;

    public Activation[] Activations
    {
        get
        {
            lock (_lock) return [.. _workers.Select(worker => worker.Activation)];
        }
    }

    /// <returns>False: the last worker is gone, and with it this group; another one is to be made.</returns>
    public bool TryRoute(Call call)
    {
        while (true)
        {
            Activation chosen;
            lock (_lock)
            {
                if (_closed) return false;
                var best = -1;
                for (var i = 0; i < _workers.Count; i++)
                {
                    if (best < 0 || _workers[i].Load < _workers[best].Load) best = i;
                }

                if (best < 0 || (_workers[best].Load > 0 && _workers.Count < grainClass.MaxWorkers))
                {
                    best = _workers.Count;
                    _workers.Add((new Activation(engine, grainClass, id, this), 0));
                }

                chosen = _workers[best].Activation;
                _workers[best] = (chosen, _workers[best].Load + 1);
            }

            if (chosen.TryPost(call)) return true;
            engine.Forget(chosen);
        }
    }

    public void Completed(Activation activation)
    {
        lock (_lock)
        {
            var index = _workers.FindIndex(worker => worker.Activation == activation);
            if (index >= 0) _workers[index] = (activation, Math.Max(0, _workers[index].Load - 1));
        }
    }

    /// <returns>Whether none is left; the group is then closed.</returns>
    public bool Remove(Activation activation)
    {
        lock (_lock)
        {
            _workers.RemoveAll(worker => worker.Activation == activation);
            return _closed = _workers.Count == 0;
        }
    }
}
